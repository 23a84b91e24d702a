/**
 * Why a task was not offered. The text is made when it is read: a long queue may refuse many tasks in every cycle.
 */
import type { ResourceSchema } from '@stowage/core';
import type { QueueErrorCode } from './errors.ts';

/** @public */
export type RefusalCode = Extract<
  QueueErrorCode,
  'NO_GUARANTEED_CAPACITY' | 'ABOVE_LIMIT' | 'GROUP_WITHOUT_LIMIT' | 'ABOVE_GROUP_LIMIT'
>;

/**
 * A reason with its code.
 * @public
 */
export class Refusal {
  readonly code: RefusalCode;
  /** The first resource that is short, in the order of the schema; undefined when it is not about a resource. */
  readonly resource: string | undefined;
  readonly #explain: () => string;

  constructor(code: RefusalCode, resource: string | undefined, explain: () => string) {
    this.code = code;
    this.resource = resource;
    this.#explain = explain;
  }

  /** The code and the reason in one line, with the numbers of the moment of the refusal. */
  get reason(): string {
    return `${this.code}: ${this.#explain()}`;
  }
}

/** A use that would go above a limit; amounts in units. */
export function aboveLimit(
  code: 'ABOVE_LIMIT' | 'ABOVE_GROUP_LIMIT',
  schema: ResourceSchema,
  index: number,
  holder: () => string,
  { used, asked, limit }: { readonly used: number; readonly asked: number; readonly limit: number },
): Refusal {
  const say = amountOf(schema, index);
  return new Refusal(
    code,
    schema.scalars[index].name,
    () => `${holder()} may use ${say(limit)}; ${say(used)} are in use and the task asks for ${say(asked)}.`,
  );
}

/** Units of a resource in words: `2 cores of cpu`. */
export function amountOf(schema: ResourceSchema, index: number): (units: number) => string {
  const { name, unit, unitsPerWhole } = schema.scalars[index];
  return (units) => `${units / unitsPerWhole} ${unit} of ${name}`;
}
