# The worker with TensorFlow's C library as an image (`-c packaging=image`), which unpacks nothing when
# it starts.
#
# cdk/worker-image.ts makes the folder to build in: the bundled function in function/, and npm's
# files that name nothing but tfjs-node and what it needs.

FROM public.ecr.aws/lambda/nodejs:22 AS packages
# For where there is no ready binding, and tfjs-node's installer compiles one.
RUN dnf install -y gcc-c++ make python3
WORKDIR /packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
# The one script that runs: it downloads the library and the binding.
RUN npm rebuild @tensorflow/tfjs-node
# Source maps alone are 170 MB.
RUN find node_modules -name '*.map' -delete && rm -rf node_modules/@tensorflow/tfjs-node/deps/include

FROM public.ecr.aws/lambda/nodejs:22
# Lambda takes no snapshot (SnapStart) of an image for Node.js that does not allow it. A worker may be
# restored from one any number of times: its random numbers follow from the job.
LABEL com.amazonaws.lambda.feature.snapstart="Allow"
COPY --from=packages /packages/node_modules ./node_modules
COPY function ./
# A library that cannot be loaded fails here, not with the first job.
RUN node -e "require('@tensorflow/tfjs-node')"
CMD ["index.handler"]
