/**
 * Compiles the Java harness into fenzo/target with Maven, which also fetches Fenzo. What Maven has fetched before it
 * need not ask for again, so it is called offline first.
 */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceFolder } from '../../source-folder.ts';

export interface FenzoBuild {
  /** The first line of `java -version`. */
  readonly java: string;
  /** All arguments of `java` before those of the harness. */
  readonly javaArguments: readonly string[];
}

/** Why Fenzo cannot be run. */
export class FenzoUnavailable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

const POM = 'pom.xml';
const GOALS = ['compile', 'dependency:build-classpath'];
const TIMEOUT_MS = 180_000;

export function buildFenzo(onProgress: (text: string) => void): FenzoBuild | FenzoUnavailable {
  onProgress('looking for Java and Maven');
  const folder = sourceFolder('rivals/fenzo', POM);
  if (folder === undefined)
    return new FenzoUnavailable(
      'the sources of its harness are not in benchmarks/rivals/fenzo of the working directory',
    );
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (java.status !== 0) return new FenzoUnavailable('`java` cannot be run; it needs Java 17 or newer');
  if (spawnSync('mvn', ['--version']).status !== 0) return new FenzoUnavailable('`mvn` cannot be run');
  onProgress('Maven compiles the harness of Fenzo, offline');
  if (maven(folder, '--offline').status !== 0) {
    onProgress('Maven fetches Fenzo and compiles its harness');
    const { status, stdout, error } = maven(folder);
    if (status !== 0) return new FenzoUnavailable(`Maven fails: ${error?.message ?? firstError(stdout)}`);
  }
  const libraries = readFileSync(join(folder, 'target', 'classpath.txt'), 'utf8').trim();
  const classes = join(folder, 'target', 'classes');
  return {
    java: java.stderr.split('\n')[0],
    javaArguments: ['-Xms2g', '-Xmx4g', '-cp', `${classes}:${libraries}`, 'stowage.rivals.Harness'],
  };
}

/** Without colours, and without the address that was asked: that is a matter of the user's settings. */
function firstError(output: string): string {
  const line = output.split('\n').find((text) => text.includes('[ERROR]')) ?? 'it does not say why';
  return line.replace(/^.*\[ERROR\] /, '').replace(/ (in |\()https?:\S+| -> \[Help 1\]/g, '');
}

function maven(folder: string, ...options: string[]): SpawnSyncReturns<string> {
  return spawnSync('mvn', ['--batch-mode', '--quiet', '--file', join(folder, POM), ...options, ...GOALS], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
}
