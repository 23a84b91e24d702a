/**
 * Ids of containers become parts of paths and names that root uses, so backends check them at their doors, whoever has
 * checked them before. They are task ids.
 */
import { InvalidContainerError } from './container-backend.ts';

export function isContainerId(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,62}$/.test(text);
}

/** @throws InvalidContainerError when the id is none */
export function requireContainerId(id: string): void {
  if (!isContainerId(id)) throw new InvalidContainerError(`"${id}" is no container id.`);
}
