/** Reads what an image says of itself: the configuration blob of an OCI layout. Source: OCI image specification 1.0. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidContainerError } from '../contract/container-backend.ts';
import type { Image } from '../contract/container-spec.ts';

interface Descriptor {
  readonly digest: string;
}

/**
 * @param layout - folder of an OCI layout with exactly one image
 * @throws InvalidContainerError when it holds none that can be read
 */
export async function readImageConfig(layout: string, id: string, digest: string): Promise<Image> {
  const index = (await readJson(join(layout, 'index.json'))) as { manifests?: readonly Descriptor[] };
  const manifest = (await readBlob(layout, index.manifests?.[0])) as { config?: Descriptor };
  return parseImageConfig(await readBlob(layout, manifest.config), id, digest);
}

/** Fields that are missing or ill-typed count as empty, as in other runtimes. */
export function parseImageConfig(value: unknown, id: string, digest: string): Image {
  const config = fields(fields(value).config);
  const environment: Record<string, string> = {};
  for (const entry of texts(config.Env)) {
    const at = entry.indexOf('=');
    if (at > 0) environment[entry.slice(0, at)] = entry.slice(at + 1);
  }
  const labels = Object.entries(fields(config.Labels)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const stopSignal = text(config.StopSignal);
  return {
    id,
    digest,
    entrypoint: texts(config.Entrypoint),
    command: texts(config.Cmd),
    environment,
    workingDirectory: text(config.WorkingDir) || '/',
    user: text(config.User),
    ...(stopSignal !== '' && { stopSignal }),
    labels: Object.fromEntries(labels),
  };
}

async function readBlob(layout: string, descriptor: Descriptor | undefined): Promise<unknown> {
  const match = /^sha256:([0-9a-f]{64})$/.exec(descriptor?.digest ?? '');
  if (match === null)
    throw new InvalidContainerError('The image has no manifest or configuration by sha256.');
  return readJson(join(layout, 'blobs/sha256', match[1]));
}

async function readJson(path: string): Promise<unknown> {
  const content = await readFile(path, 'utf8');
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new InvalidContainerError(`The image has a blob that is no JSON: ${path}`, { cause: error });
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
