// Makes the JavaScript of all packages; tsup makes their declarations (tsup.config.mjs). Rolldown keeps constants of modules
// constant, so that V8 writes their values in place: esbuild, and so tsup, makes variables of them, which have to be read
// and checked each time.
import { build } from 'rolldown';
import { formats, platforms } from './packages.mjs';

const options = Object.entries(platforms).flatMap(([platform, names]) =>
  names.flatMap((name) => formats(name).map((format) => optionsOf(name, platform, format))),
);

try {
  await build(options);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function optionsOf(name, platform, format) {
  return {
    input: { index: `./packages/${name}/src/index.ts` },
    tsconfig: `packages/${name}/tsconfig.json`,
    platform,
    // Every package import stays an import.
    external: /^[^./]/,
    transform: { target: 'es2023' },
    logLevel: 'warn',
    output: {
      dir: `packages/${name}/dist`,
      format,
      entryFileNames: format === 'esm' ? '[name].js' : '[name].cjs',
      exports: 'named',
      comments: { jsdoc: false },
      sourcemap: true,
    },
  };
}
