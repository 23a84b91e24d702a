/**
 * Schema of the container of a job. Patterns are Titus', narrowed where our agents take less, so that a spec that passes
 * here is not refused there; a name of an image may begin with the host and port of its registry.
 */
import * as v from 'valibot';
import type { FieldErrorCode } from './field-error.ts';
import type { JobLimits } from './job-limits.ts';
import type { ContainerImage, ContainerResources, ContainerSpec } from './job-spec.ts';
import {
  attributesSchema,
  canonicalNames,
  type ConstraintRules,
  constraintsSchema,
  environmentSchema,
} from './map-schemas.ts';
import { isRecord } from './plain-data.ts';
import { asCode, at, distinct, form, list, text, utf8Length, whole, word } from './schema-parts.ts';

const IMAGE_NAME = /^(?:[A-Za-z0-9._-]+:[0-9]{1,5}\/)?[A-Za-z0-9._/-]+$/;
const IMAGE_TAG = /^[A-Za-z0-9._-]+$/;
const IMAGE_DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}$/;
const SECURITY_GROUP = /^sg-[A-Za-z0-9_.:-]+$/;

/** What of the rules does not come from limits. */
export interface ContainerRules extends ConstraintRules {
  readonly strictEnvironmentNames: boolean;
  readonly splitEntrypoint: boolean;
}

export function containerSchema(
  limits: JobLimits,
  rules: ContainerRules,
): v.GenericSchema<unknown, ContainerSpec> {
  const canonical = canonicalNames(rules);
  return v.pipe(
    form({
      image: imageSchema(limits),
      resources: resourcesSchema(limits),
      entrypoint: v.optional(argumentsSchema(limits)),
      command: v.optional(argumentsSchema(limits)),
      environment: v.optional(
        environmentSchema(limits, rules.strict && rules.strictEnvironmentNames),
        () => ({}),
      ),
      attributes: v.optional(attributesSchema(limits), () => ({})),
      securityGroups: distinct(
        limits,
        word(limits, 'nameMaxCharacters', SECURITY_GROUP, 'a security group such as sg-0a1b2c3d'),
        'securityGroupsMaxCount',
        'securityGroupsMinCount',
      ),
      iamRole: v.optional(
        v.pipe(text(limits, 'iamRoleMaxCharacters'), v.regex(/^\S*$/, 'a role without spaces')),
        '',
      ),
      hardConstraints: v.optional(constraintsSchema(limits, rules), () => ({})),
      softConstraints: v.optional(constraintsSchema(limits, rules), () => ({})),
      graceMs: v.optional(whole(limits, 'amountMin', 'graceMaxMs'), limits.graceDefaultMs),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!isRecord(dataset.value)) return;
      bothHardAndSoft(dataset.value).forEach(addIssue);
      if (rules.strict && rules.splitEntrypoint) unsplitEntrypoint(dataset.value).forEach(addIssue);
    }),
    v.transform((container) => ({
      ...container,
      hardConstraints: canonical(container.hardConstraints),
      softConstraints: canonical(container.softConstraints),
    })),
  );
}

/** An issue of a raw check, ready to be added. */
interface Found {
  readonly expected: FieldErrorCode;
  readonly input: unknown;
  readonly message: string;
  readonly path: [v.ObjectPathItem, ...v.ObjectPathItem[]];
}

function bothHardAndSoft(container: Record<string, unknown>): readonly Found[] {
  const { hardConstraints, softConstraints } = container;
  if (!isRecord(hardConstraints) || !isRecord(softConstraints)) return [];
  const hard = new Set(Object.keys(hardConstraints).map((name) => name.toLowerCase()));
  return Object.keys(softConstraints)
    .filter((name) => hard.has(name.toLowerCase()))
    .map((name) => ({
      ...asCode('CONFLICT'),
      input: softConstraints[name],
      message: 'it here or in hardConstraints',
      path: [...at(container, 'softConstraints'), ...at(softConstraints, name)],
    }));
}

function unsplitEntrypoint(container: Record<string, unknown>): readonly Found[] {
  const { entrypoint, command } = container;
  const input: unknown = Array.isArray(entrypoint) ? entrypoint[0] : undefined;
  if (command !== undefined || typeof input !== 'string' || !/\s/.test(input)) return [];
  const message = 'each argument as an item of its own, no shell splits the first';
  return [{ ...asCode('WRONG_FORM'), input, message, path: at(container, 'entrypoint') }];
}

function imageSchema(limits: JobLimits): v.GenericSchema<unknown, ContainerImage> {
  const name = word(limits, 'imageNameMaxCharacters', IMAGE_NAME, 'a name such as team/app, without tag');
  const tag = word(limits, 'imageTagMaxCharacters', IMAGE_TAG, 'a tag such as 1.2.3');
  const digest = word(limits, 'imageDigestMaxCharacters', IMAGE_DIGEST, 'a digest such as sha256:…');
  return v.pipe(
    form({ name, tag: v.optional(tag), digest: v.optional(digest) }),
    v.partialCheck(
      [['tag'], ['digest']],
      (image) => image.tag !== undefined || image.digest !== undefined,
      'it a tag or a digest',
    ),
  );
}

function resourcesSchema(limits: JobLimits): v.GenericSchema<unknown, ContainerResources> {
  return v.pipe(
    form({
      cpuMilli: whole(limits, 'cpuMinMilli', 'cpuMaxMilli'),
      gpu: v.optional(whole(limits, 'amountMin', 'gpuMaxCount'), 0),
      memoryMiB: whole(limits, 'memoryMinMiB', 'memoryMaxMiB'),
      diskMiB: whole(limits, 'diskMinMiB', 'diskMaxMiB'),
      networkMbps: whole(limits, 'networkMinMbps', 'networkMaxMbps'),
      shmMiB: whole(limits, 'amountMin', 'memoryMaxMiB'),
    }),
    v.forward(
      v.partialCheck(
        [['shmMiB'], ['memoryMiB']],
        ({ shmMiB, memoryMiB }) => shmMiB <= memoryMiB,
        'at most memoryMiB',
      ),
      ['shmMiB'],
    ),
  );
}

function argumentsSchema(limits: JobLimits): v.GenericSchema<unknown, readonly string[]> {
  return v.pipe(
    list(limits, text(limits, 'entrypointMaxBytes'), 'entrypointMaxCount'),
    v.check(
      (items) => items.reduce((sum, item) => sum + utf8Length(item), 0) <= limits.entrypointMaxBytes,
      'entrypointMaxBytes',
    ),
  );
}
