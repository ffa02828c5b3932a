import type { Parameters, TensorSpec } from '../program.ts';

/** A tensor that begins with normal values of mean 0 and this standard deviation. */
export function normal(name: string, shape: readonly number[], deviation: number): TensorSpec {
  return { name, shape, initial: { kind: 'normal', deviation } };
}

/** A tensor that begins with zeros: a bias, or a shift. */
export function zeros(name: string, shape: readonly number[]): TensorSpec {
  return { name, shape, initial: { kind: 'zeros' } };
}

/** A tensor that begins with ones: a gain. */
export function ones(name: string, shape: readonly number[]): TensorSpec {
  return { name, shape, initial: { kind: 'ones' } };
}

/**
 * A network's tensor by its name. `T` is what its shape makes it, such as `Tensor2D`.
 *
 * @throws Error when there is none of the name
 */
export function tensorOf<T extends Parameters[string]>(parameters: Parameters, name: string): T {
  const tensor = parameters[name];
  if (!tensor) throw new Error(`There is no tensor ${name}`);
  return tensor as T;
}
