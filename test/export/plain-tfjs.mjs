// Draws with a graph model in TensorFlow.js alone, on its CPU backend: what a page does, without a page.
// Arguments: the model's address, and a file of inputs as JSON, { name: { shape, values } }.
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';

const [address = '', file = ''] = process.argv.slice(2);
await tf.setBackend('cpu');
const model = await tf.loadGraphModel(address);
const inputs = JSON.parse(await readFile(file, 'utf8'));
const output = /** @type {tf.Tensor} */ (
  model.predict(
    Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
    ),
  )
);
process.stdout.write(JSON.stringify({ shape: output.shape, values: [...output.dataSync()] }));
