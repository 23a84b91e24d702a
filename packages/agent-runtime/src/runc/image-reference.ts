/** Names of images in registries, checked before any program sees them. Source: the grammar of OCI references. */
import { InvalidContainerError } from '../contract/container-backend.ts';

export interface ImageReference {
  /** `host[:port]/path`. */
  readonly repository: string;
  /** Undefined when neither a tag nor a digest was given: `latest`. */
  readonly tag: string | undefined;
  /** `sha256:…`; counts more than the tag. */
  readonly digest: string | undefined;
}

const HOST = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?`;
const PATH = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*`;
const REFERENCE = new RegExp(`^(${HOST}/${PATH})(?::([\\w][\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`);

/** @throws InvalidContainerError when it is malformed */
export function parseImageReference(text: string): ImageReference {
  const match = text.length <= 512 ? REFERENCE.exec(text) : null;
  if (match === null)
    throw new InvalidContainerError(
      `"${text}" is no image reference; write host[:port]/repository[:tag][@sha256:…].`,
    );
  const [, repository, tag, digest] = match;
  return { repository, tag, digest };
}
