import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Collecting, collect, shopSettings, shows } from './shop-source.ts';

const run = promisify(execFile);

/** The system's client first: one that can't speak to BuildKit may stand before it on PATH. */
const docker = async (...args: string[]): Promise<string> => {
  const env = { ...process.env, PATH: `/usr/bin:${process.env.PATH}`, DOCKER_BUILDKIT: '1' };
  return (await run('docker', args, { env })).stdout.trim();
};

/** One administrator with the docker client on one machine. */
export class ShopByHand {
  readonly #name: string;
  readonly #label: string;
  readonly #collecting: Collecting;
  #port = 8000;

  constructor(name: string, collecting: Collecting) {
    this.#name = `by-hand-${name}-${process.pid}`;
    this.#label = `ravine.bench=${this.#name}`;
    this.#collecting = collecting;
  }

  async deploy(source: string, mark: string): Promise<void> {
    const name = this.#name;
    await docker('build', '--quiet', '--label', this.#label, '--tag', name, source);
    if (this.#collecting === 'after-build') {
      await docker('run', '--name', `${name}-collect`, ...this.#settings(), name, 'sh', '-c', collect);
      await docker('commit', '--change', 'CMD ["gunicorn", "config.wsgi"]', `${name}-collect`, name);
      await docker('rm', `${name}-collect`);
    }
    this.#port += 1;
    const port = ['--env', `PORT=${this.#port}`];
    const id = await docker('run', '--detach', '--name', name, ...port, ...this.#settings(), name);
    const host = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id);
    await shows({ host, port: this.#port, name: 'localhost' }, mark);
  }

  async tidy(): Promise<void> {
    await docker('rm', '--force', this.#name);
  }

  async removeAll(): Promise<void> {
    await docker('rm', '--force', this.#name, `${this.#name}-collect`).catch(() => '');
    await docker('image', 'prune', '--all', '--force', '--filter', `label=${this.#label}`);
  }

  #settings(): string[] {
    return Object.entries(shopSettings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  }
}
