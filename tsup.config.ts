import { defineConfig, type Options } from 'tsup';

// One build for all packages. `--no-dts --no-clean` (npm run build:js) leaves the declarations of the last full build alone.
const neutral = [
  'core',
  'constraints',
  'fitness',
  'autoscale',
  'queues',
  'planning',
  'jobs',
  'protocol',
  'testing',
];
const node = ['agent-runtime', 'control-plane', 'simulator'];
const nodeEsmOnly = ['cli'];

function options(name: string, platform: 'neutral' | 'node', format: ('esm' | 'cjs')[]): Options {
  return {
    name,
    entry: { index: `packages/${name}/src/index.ts` },
    outDir: `packages/${name}/dist`,
    tsconfig: `packages/${name}/tsconfig.json`,
    platform,
    format,
    target: 'es2023',
    sourcemap: true,
    clean: true,
    splitting: false,
    removeNodeProtocol: false,
    // tsup reads dependencies from the root manifest only: every package import stays an import.
    external: [/^[^./]/],
    dts: {
      compilerOptions: { composite: false, incremental: false, ignoreDeprecations: '6.0', rootDir: '.' },
    },
  };
}

export default defineConfig([
  ...neutral.map((name) => options(name, 'neutral', ['esm', 'cjs'])),
  ...node.map((name) => options(name, 'node', ['esm', 'cjs'])),
  ...nodeEsmOnly.map((name) => options(name, 'node', ['esm'])),
]);
