/**
 * Names of images in registries, taken apart and checked before any engine or program sees them. All ways to write one
 * name give the same parts: without a host it is one of Docker Hub, and there one without a user is of `library`.
 * Source: the grammar of references of OCI distribution, and its defaults as Docker has them.
 */
import { InvalidContainerError } from './container-backend.ts';

export interface ImageReference {
  /** `host[:port]`; `docker.io` when none was given. */
  readonly registry: string;
  /** With the registry, as `docker.io/library/busybox`. */
  readonly repository: string;
  /** `latest` when none was given. */
  readonly tag: string;
  /** `sha256:…`; counts more than the tag. */
  readonly digest?: string;
}

const HUB = 'docker.io';
const LONGEST = 512;

const HOST = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?`;
const NAME = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const REFERENCE = new RegExp(
  `^(?:(${HOST})/)?(${NAME}(?:/${NAME})*)(?::([\\w][\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
);

/** @throws InvalidContainerError when it is malformed */
export function parseImageReference(text: string): ImageReference {
  const match = text.length <= LONGEST ? REFERENCE.exec(text) : null;
  if (match === null)
    throw new InvalidContainerError(
      `"${text}" is no image reference; write host[:port]/repository[:tag][@sha256:<64 hex digits>].`,
    );
  const [, first, rest, tag = 'latest', digest] = match;
  return { ...nameOf(first, rest), tag, ...(digest !== undefined && { digest }) };
}

/** @param host of a registry, as it is written in references and files of credentials */
export function registryOf(host: string): string {
  return host === 'index.docker.io' ? HUB : host;
}

function nameOf(first: string | undefined, rest: string): Pick<ImageReference, 'registry' | 'repository'> {
  const isHost = first !== undefined && (/[.:A-Z]/.test(first) || first === 'localhost');
  const registry = isHost ? registryOf(first) : HUB;
  const path = first === undefined || isHost ? rest : `${first}/${rest}`;
  const isOfficial = registry === HUB && !path.includes('/');
  return { registry, repository: `${registry}/${isOfficial ? 'library/' : ''}${path}` };
}
