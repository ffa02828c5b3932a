import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Rows } from './patches.ts';

/** Mean and covariance of rows; the covariance is divided by the number of rows less one. */
interface Gaussian {
  readonly mean: Float64Array;
  readonly covariance: Matrix;
}

/**
 * Frechet distance of two sets of features, as if both were normally distributed:
 * `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))`. Dowson and Landau, 1982; for images Heusel et al., "GANs
 * trained by a two time-scale update rule converge to a local Nash equilibrium", 2017.
 */
export function frechetDistance(a: Rows, b: Rows): number {
  const [first, second] = [gaussianOf(a), gaussianOf(b)];
  const apart = first.mean.reduce(
    (sum, value, i) => sum + (value - (second.mean[i] as number)) ** 2,
    0,
  );
  // tr (C1 C2)^(1/2) is that of the symmetric matrix (R C2 R)^(1/2), with R the root of C1.
  const root = rootOf(first.covariance);
  const product = root.mmul(second.covariance).mmul(root);
  const traces = first.covariance.trace() + second.covariance.trace();
  return apart + traces - 2 * sumOfRoots(product);
}

function gaussianOf({ values, count, size }: Rows): Gaussian {
  const mean = new Float64Array(size);
  for (let i = 0; i < values.length; i++) {
    mean[i % size] = (mean[i % size] as number) + (values[i] as number) / count;
  }
  const centred = new Matrix(count, size);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < size; i++) {
      centred.set(row, i, (values[row * size + i] as number) - (mean[i] as number));
    }
  }
  const covariance = centred.transpose().mmul(centred);
  return { mean, covariance: Matrix.div(covariance, count - 1) };
}

function rootOf(matrix: Matrix): Matrix {
  const { eigenvectorMatrix, realEigenvalues } = decompose(matrix);
  const roots = Matrix.diag(realEigenvalues.map(root));
  return eigenvectorMatrix.mmul(roots).mmul(eigenvectorMatrix.transpose());
}

function sumOfRoots(matrix: Matrix): number {
  return decompose(matrix).realEigenvalues.reduce((sum, value) => sum + root(value), 0);
}

/** A product of matrices is symmetric up to rounding only. */
function decompose(matrix: Matrix): EigenvalueDecomposition {
  const symmetric = Matrix.add(matrix, matrix.transpose()).mul(0.5);
  return new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
}

/** Of an eigenvalue that would not be negative without rounding. */
function root(value: number): number {
  return Math.sqrt(Math.max(0, value));
}
