// Runs the tests that drive real container engines, networks and cgroups of this host, and counts them.
// What the host lacks is named; with --install it is installed. The last line is the summary.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runVitest } from './run-vitest.mjs';

/** Debian packages, each with a program that it brings. */
const packages = [
  ['docker.io', 'dockerd'],
  ['runc', 'runc'],
  ['conmon', 'conmon'],
  ['iproute2', 'tc'],
  ['iputils-ping', 'ping'],
  ['nftables', 'nft'],
  ['docker-registry', 'docker-registry'],
  ['skopeo', 'skopeo'],
  ['umoci', 'umoci'],
  ['iperf3', 'iperf3'],
  ['busybox-static', 'busybox'],
  ['procps', 'ps'],
  ['e2fsprogs', 'mkfs.ext4'],
];

const help = `Usage: npm run test:linux -- [--install] [--help] [name...]

Runs the tests in packages/*/test-linux as root, against a registry and engines of their own.
They use loopback, namespaces, cgroups and folders of their own and remove them.
  name       run only files whose path contains it
  --install  install the Debian packages that are missing: ${packages.map(([name]) => name).join(', ')}
  --help     show this text
`;

process.exitCode = main();

function main() {
  let options;
  try {
    options = parseArgs({
      options: { install: { type: 'boolean' }, help: { type: 'boolean' } },
      allowPositionals: true,
    });
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    return 2;
  }
  if (options.values.help) {
    console.log(help);
    return 0;
  }
  const obstacle = obstacleTo(options.values.install);
  if (obstacle !== undefined) {
    console.error(obstacle);
    return 2;
  }
  const counts = runVitest(['run', '--config', 'vitest.linux.config.ts', ...options.positionals]);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
  return counts.failed > 0 ? 1 : 0;
}

/** Why the tests cannot run here and what to do, or undefined. */
function obstacleTo(install) {
  if (process.platform !== 'linux') return `These tests need Linux; this is ${process.platform}.`;
  if (process.getuid() !== 0) return 'These tests need root: they make namespaces, mounts and cgroups.';
  let missing = missingPackages();
  if (missing.length > 0 && install) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', ...missing],
    ]) {
      spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env });
    }
    missing = missingPackages();
  }
  if (missing.length === 0) return undefined;
  return `These tests need Debian packages that are missing: ${missing.join(', ')}. Install them, or give --install.`;
}

function missingPackages() {
  return packages.filter(([, program]) => !isOnPath(program)).map(([name]) => name);
}

function isOnPath(program) {
  return [...process.env.PATH.split(delimiter), '/usr/sbin', '/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
