import { defineConfig } from 'tsup';
import { formats, platforms } from './tools/build/packages.mjs';

// Declarations of all packages; their JavaScript is made by rolldown (tools/build/javascript.mjs).
export default defineConfig(
  Object.values(platforms)
    .flat()
    .map((name) => ({
      name,
      entry: { index: `packages/${name}/src/index.ts` },
      outDir: `packages/${name}/dist`,
      tsconfig: `packages/${name}/tsconfig.json`,
      format: formats(name),
      // tsup reads dependencies from the root manifest only: every package import stays an import.
      external: [/^[^./]/],
      dts: {
        only: true,
        compilerOptions: { composite: false, incremental: false, ignoreDeprecations: '6.0', rootDir: '.' },
      },
    })),
);
