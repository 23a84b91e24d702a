/**
 * Takes an image reference apart, as `host[:port]/repository[:tag][@sha256:…]`. Only as much as is needed to ask for
 * one image and not, as the engine does for a bare name, for all tags of a repository; whether the parts are well-formed
 * is for the engine to say. Source: the reference grammar of OCI distribution.
 */
import { InvalidContainerError } from '../contract/container-backend.ts';

export interface ImageReference {
  /** Where credentials are asked for: the host, `docker.io` when there is none. */
  readonly registry: string;
  /** With the host. */
  readonly repository: string;
  /** `latest` when nothing else is said. */
  readonly tag: string;
  readonly digest?: string;
}

/** @throws InvalidContainerError */
export function parseImageReference(reference: string): ImageReference {
  const [name = '', digest, ...more] = reference.split('@');
  const tagAt = name.indexOf(':', name.lastIndexOf('/') + 1);
  const repository = tagAt < 0 ? name : name.slice(0, tagAt);
  const tag = tagAt < 0 ? 'latest' : name.slice(tagAt + 1);
  const isDigest = digest === undefined || /^sha256:[0-9a-f]{64}$/.test(digest);
  if (!isDigest || more.length > 0 || !/^\S+$/.test(repository) || !/^[\w][\w.-]{0,127}$/.test(tag)) {
    throw new InvalidContainerError(
      `"${reference}" is no image reference; write host[:port]/repository[:tag][@sha256:<64 hex digits>].`,
    );
  }
  const first = repository.split('/')[0];
  const hasHost = repository.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  return {
    registry: hasHost ? first : 'docker.io',
    repository,
    tag,
    ...(digest !== undefined && { digest }),
  };
}
