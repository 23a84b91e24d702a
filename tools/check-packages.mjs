// Checks what a user gets: packs every package, installs the tarballs into an empty project outside of the
// repository and uses them there from ESM, CommonJS, TypeScript, a browser bundle and the command line.
// The programs that use them are tools/check-packages/*; extend those when the API grows.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import ts from 'typescript';
import layersModule from './layers.cjs';

const root = join(import.meta.dirname, '..');
const snippets = join(import.meta.dirname, 'check-packages');
const bin = join(root, 'node_modules', '.bin');
const pure = layersModule.layers.filter(({ node }) => !node).map(({ name }) => name);

const packages = readdirSync(join(root, 'packages'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const folder = join(root, 'packages', name);
    return { name, folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) };
  });

const work = mkdtempSync(join(tmpdir(), 'stowage-packages-'));
const consumer = join(work, 'consumer');
let passed = 0;
let failed = 0;

try {
  await checkAll();
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function checkAll() {
  if (buildIsStale() && !(await step('build', () => run('npm', ['run', '--silent', 'build'])))) return;
  const tarballs = new Map();
  const packed = await step('npm pack', () => {
    const out = run('npm', ['pack', '--workspaces', '--json', '--silent', '--pack-destination', work]);
    if (out.status !== 0) return out;
    for (const { name, filename } of JSON.parse(out.stdout)) tarballs.set(name, join(work, filename));
    return undefined;
  });
  if (!packed) return;
  for (const { manifest } of packages) {
    const tarball = tarballs.get(manifest.name);
    await step(`publint ${manifest.name}`, () => run(join(bin, 'publint'), ['run', tarball, '--strict']));
    const profile = manifest.exports['.'].require === undefined ? 'esm-only' : 'node16';
    await step(`attw ${manifest.name} (${profile})`, () =>
      run(join(bin, 'attw'), [
        tarball,
        '--profile',
        profile,
        '--no-definitely-typed',
        '--no-emoji',
        '--format',
        'ascii',
      ]),
    );
  }
  for (const entry of packages) {
    await step(`${entry.manifest.name} imports only what it declares`, () => checkImports(entry));
  }
  if (!(await step('npm install into an empty project', () => install([...tarballs.values()])))) return;
  await step('ESM program', () => run('node', ['consumer.mjs'], consumer));
  await step('CommonJS program', () => run('node', ['consumer.cjs'], consumer));
  for (const [title, options, files] of typeChecks()) {
    await step(`tsc --strict: ${title}`, () => typeCheck(options, files));
  }
  await step('browser bundle runs without Node', checkBrowserBundle);
  await step('npx stowage --help', () => {
    const out = run('npx', ['--no-install', 'stowage', '--help'], consumer);
    return out.status === 0 && out.stdout.includes('stowage') ? undefined : out;
  });
}

/**
 * Runs one check and reports it. The check returns undefined when all is well, the result of `run`, or a sentence
 * that says what is wrong; it may also throw.
 */
async function step(title, check) {
  const start = performance.now();
  let problem;
  try {
    problem = await check();
  } catch (error) {
    problem = error.stack;
  }
  if (typeof problem === 'object') {
    problem =
      problem.status === 0 ? undefined : `exit code ${problem.status}\n${problem.stdout}${problem.stderr}`;
  }
  const ok = problem === undefined;
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  if (!ok) console.log(problem.replace(/^/gm, '       '));
  return ok;
}

function run(command, args, cwd = root) {
  // What npm tells its scripts about the repository must not reach an npm that works elsewhere.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([key]) => !/^npm_(?:package|lifecycle|config_(?:local_prefix|workspace|package|call))/.test(key),
    ),
  );
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  return { status, stdout: stdout ?? '', stderr: stderr ?? String(error) };
}

/** True when a source is newer than the oldest file of a build, or a build is missing. */
function buildIsStale() {
  const newest = Math.max(
    ...['tsup.config.mjs', 'tools/build/javascript.mjs', 'tools/build/packages.mjs'].map(
      (file) => statSync(join(root, file)).mtimeMs,
    ),
    ...packages.flatMap(({ folder }) =>
      readdirSync(join(folder, 'src'), { recursive: true }).map(
        (file) => statSync(join(folder, 'src', file)).mtimeMs,
      ),
    ),
  );
  return packages.some(({ folder, manifest }) =>
    entryFiles(manifest).some((file) => {
      const built = statSync(join(folder, file), { throwIfNoEntry: false });
      return built === undefined || built.mtimeMs < newest;
    }),
  );
}

/** The built files that the exports of a package name. */
function entryFiles(manifest) {
  const { import: esm, require: cjs } = manifest.exports['.'];
  return [esm, cjs]
    .filter((target) => target !== undefined)
    .flatMap((target) => [target.types, target.default]);
}

/** Compares the imports of the built files, types included, with the package's manifest. */
function checkImports({ name, folder, manifest }) {
  const declared = new Set([
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ]);
  const wrong = entryFiles(manifest).flatMap((file) =>
    ts
      .preProcessFile(readFileSync(join(folder, file), 'utf8'), true, true)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((specifier) => !specifier.startsWith('.'))
      .filter((specifier) =>
        isBuiltin(specifier) ? pure.includes(name) : !declared.has(/^(?:@[^/]+\/)?[^/]+/.exec(specifier)[0]),
      )
      .map((specifier) => `${file} imports ${specifier}`),
  );
  return wrong.length > 0 ? wrong.join('\n') : undefined;
}

function isBuiltin(specifier) {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

function install(tarballs) {
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "private": true }\n');
  for (const file of readdirSync(snippets)) copyFileSync(join(snippets, file), join(consumer, file));
  // TypeScript reads these as an ES module and as CommonJS.
  copyFileSync(join(snippets, 'consumer.ts'), join(consumer, 'consumer-esm.mts'));
  copyFileSync(join(snippets, 'consumer.ts'), join(consumer, 'consumer-cjs.cts'));
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = [...tarballs, `@types/node@${devDependencies['@types/node']}`];
  return run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...wanted], consumer);
}

function typeChecks() {
  const both = ['consumer-esm.mts', 'consumer-cjs.cts'];
  return [
    ['node16', { module: 'node16', moduleResolution: 'node16', types: ['node'] }, both],
    ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext', types: ['node'] }, both],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler', types: ['node'] }, ['consumer.ts']],
    ['without Node types', { module: 'esnext', moduleResolution: 'bundler', types: [] }, ['browser.ts']],
  ];
}

function typeCheck(options, files) {
  const compilerOptions = {
    ...options,
    target: 'ES2023',
    lib: ['ES2023'],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  return run(join(bin, 'tsc'), ['-p', '.'], consumer);
}

async function checkBrowserBundle() {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: consumer,
    entryPoints: ['browser.ts'],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'bundle',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const builtins = Object.values(metafile.inputs)
    .flatMap((input) => input.imports)
    .filter(({ path, external }) => external || isBuiltin(path));
  if (builtins.length > 0) return `the bundle imports ${builtins.map(({ path }) => path).join(', ')}`;
  // A bare context has the globals of the language only, and here no code generation from strings either.
  const context = createContext({}, { codeGeneration: { strings: false, wasm: true } });
  const [{ text }] = outputFiles;
  // The bundle is one long line: without `displayErrors` a failure does not print all of it.
  runInContext(text, context, { filename: 'browser.js', displayErrors: false });
  const result = runInContext('bundle.result', context);
  console.log(`       ${result} (${text.length} bytes, ${gzipSync(text).length} with gzip)`);
  return undefined;
}
