/**
 * Building blocks of the schemas. The message of each Valibot action is what our errors are made of: the name of the
 * limit that is broken, or what to give instead; see `schema-issues.ts`.
 */
import * as v from 'valibot';
import type { FieldErrorCode } from './field-error.ts';
import type { JobLimitName, JobLimits } from './job-limits.ts';
import { isRecord } from './plain-data.ts';

type Out<T> = v.GenericSchema<unknown, T>;
type Texts = Readonly<Record<string, string>>;

/** An object with these fields; what it has besides is left out. Lists are no objects. */
export function form<const E extends v.ObjectEntries>(
  entries: E,
): Out<v.InferOutput<v.ObjectSchema<E, undefined>>> {
  return v.pipe(v.custom<Record<string, unknown>>(isRecord, 'an object'), v.object(entries));
}

/** One of several forms, told apart by the field `kind`. */
export function oneForm<const O extends v.VariantOptions<'kind'>>(options: O): Out<v.InferOutput<O[number]>> {
  return v.pipe(v.custom<v.InferInput<O[number]>>(isRecord, 'an object'), v.variant('kind', options));
}

/** A whole number. */
export function whole(limits: JobLimits, min: JobLimitName, max: JobLimitName): Out<number> {
  return v.pipe(
    v.number('a number'),
    v.safeInteger('a whole number'),
    v.minValue(limits[min], min),
    v.maxValue(limits[max], max),
  );
}

/** A share in per cent, fractions allowed. */
export function percentage(limits: JobLimits): Out<number> {
  return v.pipe(
    v.number('a number'),
    v.finite('a finite number'),
    v.minValue(limits.amountMin, 'amountMin'),
    v.maxValue(limits.percentageMax, 'percentageMax'),
  );
}

/** A text that a process can be given: without NUL and without halves of surrogate pairs. */
export function text(limits: JobLimits, max: JobLimitName): Out<string> {
  return v.pipe(v.string('a text'), v.maxLength(limits[max], max), v.check(isClean, CLEAN));
}

/** A text that is not empty. */
export function name(limits: JobLimits, max: JobLimitName = 'nameMaxCharacters'): Out<string> {
  return v.pipe(
    v.string('a text'),
    v.minLength(limits.nameMinCharacters, 'nameMinCharacters'),
    v.maxLength(limits[max], max),
    v.check(isClean, CLEAN),
  );
}

/** A text that matches. @param advice - what to give, such as `a tag such as 1.2.3` */
export function word(limits: JobLimits, max: JobLimitName, pattern: RegExp, advice: string): Out<string> {
  return v.pipe(name(limits, max), v.regex(pattern, advice));
}

/** A list; items are looked at only when there are not too many, so that the cost of a check has a bound. */
export function list<T>(limits: JobLimits, item: Out<T>, max: JobLimitName): Out<readonly T[]> {
  return v.pipe(v.custom<unknown[]>(Array.isArray, 'a list'), v.maxLength(limits[max], max), v.array(item));
}

/** A list without repetitions. */
export function distinct<const T extends string>(
  limits: JobLimits,
  item: Out<T>,
  max: JobLimitName,
  min: JobLimitName = 'amountMin',
): Out<readonly T[]> {
  return v.pipe(
    list(limits, item, max),
    v.minLength(limits[min], min),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!Array.isArray(dataset.value) || dataset.value.length > limits[max]) return;
      const input: unknown[] = dataset.value;
      const seen = new Set<unknown>();
      input.forEach((value, key) => {
        if (seen.has(value)) {
          const path: [v.ArrayPathItem] = [{ type: 'array', origin: 'value', input, key, value }];
          addIssue({ ...asCode('DUPLICATE'), input: value, message: 'each value once', path });
        }
        seen.add(value);
      });
    }),
  );
}

/** What is wrong with an entry of a map: an advice, or a limit. */
export interface EntryCheck {
  readonly of: 'name' | 'value';
  readonly code: FieldErrorCode;
  readonly advice: string;
}

/**
 * Free names with texts. The object itself is kept, it is our copy already: Valibot's records drop the name
 * `constructor`, which a variable or an attribute may well have.
 * @param size - limits of the whole, and what each entry counts besides its UTF-8
 */
export function texts(
  limits: JobLimits,
  check: (name: string, value: string) => EntryCheck | undefined,
  size?: { readonly maxCount: JobLimitName; readonly maxBytes: JobLimitName; readonly extraBytes: number },
): Out<Texts> {
  return v.pipe(
    v.custom<Texts>(isRecord, 'an object'),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const input: Record<string, unknown> = dataset.value;
      const entries = Object.entries(input);
      if (size !== undefined && entries.length > limits[size.maxCount]) {
        addIssue({ ...asCode('TOO_LARGE'), message: size.maxCount });
        return;
      }
      let bytes = 0;
      for (const [key, value] of entries) {
        const found = typeof value === 'string' ? entryCheck(key, value, check) : NO_TEXT;
        if (typeof value === 'string') bytes += utf8Length(key) + utf8Length(value) + (size?.extraBytes ?? 0);
        if (found !== undefined) {
          const shown = found.of === 'name' ? key : value;
          addIssue({ ...asCode(found.code), input: shown, message: found.advice, path: at(input, key) });
        }
      }
      if (size !== undefined && bytes > limits[size.maxBytes])
        addIssue({ ...asCode('TOO_LARGE'), message: size.maxBytes });
    }),
  );
}

/** How a raw check tells the code of its issue. */
export function asCode(code: FieldErrorCode): { readonly expected: FieldErrorCode } {
  return { expected: code };
}

/** Path of an issue of a raw check: a field of the value that is checked. */
export function at(input: Record<string, unknown>, key: string): [v.ObjectPathItem] {
  return [{ type: 'object', origin: 'value', input, key, value: input[key] }];
}

/** Length in UTF-8; the text has no halves of pairs, or each of them counts two. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // A pair is 2 units and 4 bytes, so each half counts one more.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

const CLEAN = 'a text without NUL and in well-formed Unicode';
const NO_TEXT: EntryCheck = { of: 'value', code: 'WRONG_TYPE', advice: 'a text' };

function isClean(value: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(value);
}

function entryCheck(
  name: string,
  value: string,
  check: (name: string, value: string) => EntryCheck | undefined,
): EntryCheck | undefined {
  if (!isClean(name)) return { of: 'name', code: 'WRONG_FORM', advice: CLEAN };
  return (
    check(name, value) ?? (isClean(value) ? undefined : { of: 'value', code: 'WRONG_FORM', advice: CLEAN })
  );
}
