/**
 * Fields that a schema does not know. Valibot's strict objects stop at the first one and never see names such as
 * `constructor`; this walk over schema and data finds all, each with the known name that was probably meant.
 */
import { type FieldError, fieldError, shown } from './field-error.ts';
import { isRecord } from './plain-data.ts';

/** The parts of Valibot's schemas that say where data has fields. */
interface Shape {
  readonly type: string;
  readonly kind: string;
  readonly pipe?: readonly Shape[];
  readonly wrapped?: Shape;
  readonly item?: Shape;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly key?: string;
  readonly options?: readonly Shape[];
  readonly literal?: unknown;
}

type Keys = readonly (string | number)[];

/** Shorter names are like too many others, longer ones are no slips of the pen. */
const MIN_HINTED = 3;
const MAX_HINTED = 30;
const MAX_EDITS = 2;

export function unknownFields(schema: object, value: unknown): readonly FieldError[] {
  const errors: FieldError[] = [];
  walk(schema as Shape, value, [], errors);
  return errors;
}

function walk(shape: Shape, value: unknown, keys: Keys, errors: FieldError[]): void {
  const { pipe, wrapped, item, entries, options, key } = shape;
  if (pipe !== undefined) {
    for (const part of pipe) if (part.kind === 'schema') walk(part, value, keys, errors);
  } else if (wrapped !== undefined) {
    walk(wrapped, value, keys, errors);
  } else if (item !== undefined && Array.isArray(value)) {
    value.forEach((element, index) => walk(item, element, [...keys, index], errors));
  } else if (entries !== undefined && isRecord(value)) {
    const names = Object.keys(entries);
    for (const [name, field] of Object.entries(value)) {
      if (Object.hasOwn(entries, name)) walk(entries[name], field, [...keys, name], errors);
      else errors.push(unknownField([...keys, name], field, nearest(name, names)));
    }
  } else if (shape.type === 'variant' && key !== undefined && isRecord(value)) {
    const option = options?.find((candidate) => candidate.entries?.[key].literal === value[key]);
    if (option !== undefined) walk(option, value, keys, errors);
  }
}

function unknownField(keys: Keys, value: unknown, hint: string | undefined): FieldError {
  const advice =
    hint === undefined ? 'no such field, it is not known' : `the field ${hint}, this one is not known`;
  return fieldError(keys, 'UNKNOWN_FIELD', shown(value), advice);
}

/** The known name that was cut short or mistyped, whatever its case. */
function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length < MIN_HINTED || name.length > MAX_HINTED) return undefined;
  const lower = name.toLowerCase();
  const longer = known.find((candidate) => candidate.toLowerCase().startsWith(lower));
  if (longer !== undefined) return longer;
  let best: string | undefined;
  let fewest = MAX_EDITS + 1;
  for (const candidate of known) {
    const edits = editsBetween(lower, candidate.toLowerCase());
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** Levenshtein's distance, or `MAX_EDITS + 1` where the lengths alone say that it is greater. */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return MAX_EDITS + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
