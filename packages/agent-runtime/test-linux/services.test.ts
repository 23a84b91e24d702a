/** The services of the Linux tests are real ones. */
import { request } from 'node:http';
import { expect, inject, test } from 'vitest';

const services = inject('linux');

test('the registry serves the image by its digest', async () => {
  const [, digest] = services.busybox.digest.split('@');
  const manifest = `http://${services.registry}/v2/test/busybox/manifests/${digest}`;
  const response = await fetch(manifest, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  expect(response.headers.get('docker-content-digest')).toBe(digest);
});

test.each([
  ['plain', services.docker, false],
  ['remapped', services.dockerRemapped, true],
])('the %s engine says how it treats users', async (_name, socketPath, remaps) => {
  const info = await new Promise<string>((resolve, reject) => {
    request({ socketPath, path: '/info' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.once('end', () => resolve(text)).once('error', reject);
    })
      .once('error', reject)
      .end();
  });
  const { SecurityOptions: options } = JSON.parse(info) as { SecurityOptions: string[] };
  expect(options.includes('name=userns')).toBe(remaps);
});
