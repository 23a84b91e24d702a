/**
 * Schemas of the maps with free names: attributes, environment variables, constraints.
 */
import * as v from 'valibot';
import type { JobLimitName, JobLimits } from './job-limits.ts';
import { isRecord } from './plain-data.ts';
import { asCode, at, type EntryCheck, texts } from './schema-parts.ts';

type Texts = v.GenericSchema<unknown, Readonly<Record<string, string>>>;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const STRICT_VARIABLE = /^[A-Z_][A-Z0-9_]*$/;
const ATTRIBUTE = /^[A-Za-z0-9][\x21-\x7e]*$/;

/** Of a job or of a container. */
export function attributesSchema(limits: JobLimits): Texts {
  const check = (name: string, value: string): EntryCheck | undefined =>
    tooLong(limits, name, 'attributeNameMaxCharacters', 'name') ??
    (ATTRIBUTE.test(name)
      ? tooLong(limits, value, 'attributeValueMaxCharacters', 'value')
      : { of: 'name', code: 'WRONG_FORM', advice: 'a name of printable ASCII without spaces' });
  return texts(limits, check, {
    maxCount: 'attributesMaxCount',
    maxBytes: 'attributesMaxBytes',
    extraBytes: 0,
  });
}

export function environmentSchema(limits: JobLimits, strictNames: boolean): Texts {
  const pattern = strictNames ? STRICT_VARIABLE : VARIABLE;
  const advice = `a name of ${strictNames ? 'capital ' : ''}letters, digits and "_", without a digit first`;
  const check = (name: string, value: string): EntryCheck | undefined =>
    pattern.test(name)
      ? tooLong(limits, value, 'environmentValueMaxCharacters', 'value')
      : { of: 'name', code: 'WRONG_FORM', advice };
  return texts(limits, check, {
    maxCount: 'environmentMaxCount',
    maxBytes: 'environmentMaxBytes',
    extraBytes: 2,
  });
}

/** Which constraints a job may name. */
export interface ConstraintRules {
  /** Others than those named are refused. */
  readonly strict: boolean;
  /** In their canonical spelling. */
  readonly constraints: readonly string[];
}

/** Names in any case. */
export function constraintsSchema(limits: JobLimits, { constraints, strict }: ConstraintRules): Texts {
  const known = new Set(constraints.map((name) => name.toLowerCase()));
  const advice = `one of ${constraints.join(', ')}`;
  const check = (name: string, value: string): EntryCheck | undefined =>
    strict && !known.has(name.toLowerCase())
      ? { of: 'name', code: 'NOT_ALLOWED', advice }
      : (tooLong(limits, name, 'nameMaxCharacters', 'name') ??
        tooLong(limits, value, 'nameMaxCharacters', 'value'));
  return v.pipe(
    texts(limits, check),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!isRecord(dataset.value)) return;
      const seen = new Set<string>();
      for (const key of Object.keys(dataset.value)) {
        const path = at(dataset.value, key);
        if (seen.has(key.toLowerCase()))
          addIssue({ ...asCode('DUPLICATE'), input: key, message: 'it once, in one spelling', path });
        seen.add(key.toLowerCase());
      }
    }),
  );
}

/** Turns names into their canonical spelling, which is there for all that are known. */
export function canonicalNames({
  constraints,
}: ConstraintRules): (given: Readonly<Record<string, string>>) => Readonly<Record<string, string>> {
  const canonical = new Map(constraints.map((name) => [name.toLowerCase(), name]));
  return (given) =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [canonical.get(name.toLowerCase()) ?? name, value]),
    );
}

function tooLong(
  limits: JobLimits,
  text: string,
  max: JobLimitName,
  of: EntryCheck['of'],
): EntryCheck | undefined {
  return text.length <= limits[max] ? undefined : { of, code: 'TOO_LARGE', advice: max };
}
