/**
 * Brings images to the engine. An image given by digest is taken from the engine if it is there; a tag is always asked
 * for again, because it may have moved. Calls for the same reference share one pull, which is broken off when none of
 * them waits any more. Between tries the pauses grow (0, 1, 3, 7, 15 s, as in Titus's executor); a registry that
 * answers "no such image" or "denied" is not asked again.
 * Source: titus-executor, docker_image_pull.go (behaviour).
 */
import { InvalidContainerError } from '../contract/container-backend.ts';
import type { Image } from '../contract/container-spec.ts';
import { type ImageReference, parseImageReference } from '../contract/image-reference.ts';
import { SingleFlight } from '../host/single-flight.ts';
import type { EngineCalls, RegistryCredentials } from './engine-calls.ts';
import { EngineError } from './engine-error.ts';
import type { EngineImage } from './engine-types.ts';
import type { Sleep } from './sleep.ts';

/** Pauses before each try, in milliseconds. */
export const PULL_DELAYS_MS: readonly number[] = [0, 1_000, 3_000, 7_000, 15_000];

/** What registries and the engine say when another try is no use; the engine passes most of it on with status 500. */
const FINAL =
  /manifest unknown|manifest for .* not found|name unknown|repository name not known|no matching manifest|invalid reference format|invalid repository name|pull access denied|repository does not exist|requested access to the resource is denied|unauthorized|no basic auth credentials|\bdenied:/i;

export interface ImagePullsOptions {
  readonly sleep: Sleep;
  readonly delaysMs: readonly number[];
  /** For a repository, as `host[:port]/path`. */
  readonly credentials: (repository: string) => Promise<RegistryCredentials | undefined>;
}

export class ImagePulls {
  readonly #engine: EngineCalls;
  readonly #options: ImagePullsOptions;
  readonly #pulls = new SingleFlight<Image>();

  constructor(engine: EngineCalls, options: ImagePullsOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /**
   * @throws InvalidContainerError when the reference is malformed or the registry has no such image for this agent;
   * the last EngineError when all tries failed; `signal.reason`
   */
  async pull(text: string, signal: AbortSignal): Promise<Image> {
    const reference = parseImageReference(text);
    return this.#pulls.run(text, signal, (shared) => this.#withRetries(reference, shared));
  }

  async #withRetries(reference: ImageReference, signal: AbortSignal): Promise<Image> {
    let failure: unknown = new EngineError('A pull needs at least one try.');
    for (const delayMs of this.#options.delaysMs) {
      await this.#options.sleep(delayMs, signal);
      try {
        return await this.#once(reference, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isFinal(error)) {
          throw new InvalidContainerError(`The image cannot be pulled: ${(error as Error).message}`, {
            cause: error,
          });
        }
        failure = error;
      }
    }
    throw failure;
  }

  async #once(reference: ImageReference, signal: AbortSignal): Promise<Image> {
    const { repository, tag, digest } = reference;
    const name = digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
    const cached = digest === undefined ? undefined : await this.#engine.image(name, signal);
    if (cached !== undefined) return imageOf(cached, reference);
    await this.#engine.pull(reference, await this.#options.credentials(repository), signal);
    const pulled = await this.#engine.image(name, signal);
    if (pulled === undefined) throw new EngineError(`The engine has pulled ${name}, but does not have it.`);
    return imageOf(pulled, reference);
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof EngineError && error.status !== undefined && FINAL.test(error.message);
}

function imageOf(image: EngineImage, reference: ImageReference): Image {
  const { Id, RepoDigests, Config } = image;
  // The engine leaves out the host and user of its own registry.
  const repository = reference.repository.replace(/^docker\.io\/(?:library\/)?/, '');
  const own = (RepoDigests ?? []).find((each) => each.startsWith(`${repository}@`));
  const digest = reference.digest ?? own?.slice(own.indexOf('@') + 1);
  const environment = (Config?.Env ?? []).map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
  });
  return {
    id: Id,
    ...(digest !== undefined && { digest }),
    entrypoint: Config?.Entrypoint ?? [],
    command: Config?.Cmd ?? [],
    environment: Object.fromEntries(environment),
    workingDirectory: Config?.WorkingDir ?? '',
    user: Config?.User ?? '',
    ...(Config?.StopSignal ? { stopSignal: Config.StopSignal } : {}),
    labels: Config?.Labels ?? {},
  };
}
