import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BuildFailed } from './build-failed.ts';
import { parseHerokuYml } from './heroku-yml.ts';

test('a small heroku.yml is read, and a release command in a list is one line for the shell', () => {
  const text = `
setup:
  addons:
    - plan: heroku-postgresql
build:
  docker:
    web: Dockerfile
release:
  image: web
  command:
    - python manage.py collectstatic --noinput
run:
  web: gunicorn config.wsgi
`;
  assert.deepEqual(parseHerokuYml(text), {
    setup: { addOns: [{ plan: 'heroku-postgresql' }], config: {} },
    images: { web: { dockerfile: 'Dockerfile', context: '.' } },
    buildArgs: {},
    release: { image: 'web', command: 'python manage.py collectstatic --noinput' },
    run: { web: { image: 'web', command: 'gunicorn config.wsgi' } },
  });
});

test('everything that heroku.yml may hold is read', () => {
  const text = `
setup:
  addons:
    - {plan: "heroku-postgresql:mini", as: LEDGER}
    - plan: memcachier
  config: {REGION: north, WORKERS: 2, DEBUG: false, VERSION: 1.10, MODE: 0644, EMPTY: ''}
build:
  docker:
    web: Dockerfile
    worker: ./jobs/Dockerfile
    release: {dockerfile: Dockerfile, target: tasks}
  config: {NODE_ENV: production}
release:
  command:
    - ./check.sh
    - ./migrate.sh
run:
  web: ./serve
  mailer: {image: worker, command: ["./mail", "./sweep"]}
  clock: ./tick
`;
  assert.deepEqual(parseHerokuYml(text), {
    setup: {
      addOns: [{ plan: 'heroku-postgresql:mini', as: 'LEDGER' }, { plan: 'memcachier' }],
      config: { REGION: 'north', WORKERS: '2', DEBUG: 'false', VERSION: '1.10', MODE: '0644', EMPTY: '' },
    },
    images: {
      web: { dockerfile: 'Dockerfile', context: '.' },
      worker: { dockerfile: 'jobs/Dockerfile', context: 'jobs' },
      release: { dockerfile: 'Dockerfile', context: '.', target: 'tasks' },
    },
    buildArgs: { NODE_ENV: 'production' },
    release: { image: 'release', command: './check.sh && ./migrate.sh' },
    run: {
      web: { image: 'web', command: './serve' },
      mailer: { image: 'worker', command: './mail && ./sweep' },
      clock: { image: 'web', command: './tick' },
      worker: { image: 'worker' },
    },
  });
});

test('without a run section each image is a process type that runs its own CMD', () => {
  const { run, release } = parseHerokuYml('build: {docker: {web: Dockerfile, worker: jobs/Dockerfile}}');
  assert.deepEqual(run, { web: { image: 'web' }, worker: { image: 'worker' } });
  assert.equal(release, undefined);
});

test('an image called release is the release phase, by its own CMD when no command is given', () => {
  const { run, release } = parseHerokuYml('build: {docker: {web: Dockerfile, release: tasks/Dockerfile}}');
  assert.deepEqual(release, { image: 'release' });
  assert.deepEqual(run, { web: { image: 'web' } });
});

test('the only image serves every process type', () => {
  const { run, release } = parseHerokuYml('build: {docker: {app: Dockerfile}}\nrelease: {command: x}\nrun: {a: y}');
  assert.deepEqual(release, { image: 'app', command: 'x' });
  assert.deepEqual(run, { a: { image: 'app', command: 'y' }, app: { image: 'app' } });
});

test('anchors and merge keys work, and a key beside a merge wins over the merged one', () => {
  const text = `
setup: {config: &settings {A: one, B: two}}
build:
  docker: {web: &path Dockerfile, worker: *path}
  config:
    B: three
    <<: *settings
`;
  const { buildArgs, images } = parseHerokuYml(text);
  assert.deepEqual(buildArgs, { A: 'one', B: 'three' });
  assert.deepEqual(images.worker, { dockerfile: 'Dockerfile', context: '.' });
});

test('a command of several lines keeps its lines', () => {
  const { run } = parseHerokuYml('build: {docker: {web: Dockerfile}}\nrun:\n  web: |\n    set -e\n    ./serve\n');
  assert.equal(run.web?.command, 'set -e\n./serve');
});

test('names of JavaScript objects are ordinary names', () => {
  const { images } = parseHerokuYml('build: {docker: {__proto__: Dockerfile, constructor: Dockerfile}}');
  assert.deepEqual(Object.keys(images), ['__proto__', 'constructor']);
});

const docker = 'build: {docker: {web: Dockerfile, worker: Dockerfile}}\n';

const wrong: [text: string, line: number, column: number, message: RegExp][] = [
  ['build: {', 1, 9, /not readable as YAML/],
  ['build:\n  docker:\n\tweb: x', 3, 1, /not readable as YAML/],
  ['build: {docker: {web: a, web: b}}', 1, 26, /not readable as YAML: Map keys must be unique/],
  [`${docker}run: {web: *nobody}`, 2, 12, /run\.web: no "&nobody" stands above this/],
  [`${docker}run: {web: !ref x}`, 2, 12, /not readable as YAML: Unresolved tag/],
  [`${docker}---\nrun: {}`, 2, 1, /expected one document/],
  ['- build', 1, 1, /expected a map, got a list/],
  ['--- ~', 1, 5, /expected a map, got nothing/],
  ['run: {web: x}', 1, 1, /expected the key "build"/],
  [`${docker}deploy: {}`, 2, 1, /unknown key "deploy"; expected setup, build, release, run/],
  ['build: {docker: {}}', 1, 17, /build\.docker: expected "docker" with an image/],
  ['build:\n  config: {A: b}', 2, 3, /build: expected "docker" with an image/],
  ['build:\n  docker:\n    web:', 3, 9, /build\.docker\.web: expected the path of a Dockerfile, got nothing/],
  ['build:\n  docker:\n    web: [Dockerfile]', 3, 10, /got a list/],
  ['build: {docker: {web: {target: x}}}', 1, 23, /expected the key "dockerfile"/],
  ['build: {docker: {web: {dockerfile: D, stage: x}}}', 1, 39, /build\.docker\.web: unknown key "stage"/],
  ['build: {docker: {web: ../Dockerfile}}', 1, 23, /expected the path of a Dockerfile in the source/],
  ['build: {docker: {web: /etc/passwd}}', 1, 23, /expected the path of a Dockerfile in the source/],
  ['build: {docker: {web: docker/}}', 1, 23, /expected the path of a Dockerfile in the source/],
  ['build: {docker: {"a b": Dockerfile}}', 1, 25, /expected a process type/],
  ['build:\n  languages:\n    - python', 3, 5, /build\.languages: stack container builds from Dockerfiles only/],
  ['build: {packs: [a]}', 1, 16, /heroku stack:set heroku-24/],
  [`${docker}setup: {addons: {plan: x}}`, 2, 17, /setup\.addons: expected a list, got a map/],
  [`${docker}setup: {addons: [{as: DB}]}`, 2, 18, /setup\.addons\[0\]: expected a plan/],
  [`${docker}setup: {addons: [heroku-postgresql]}`, 2, 18, /setup\.addons\[0\]: expected a map, got a string/],
  [`${docker}setup: {addons: [{plan: a, options: {}}]}`, 2, 28, /unknown key "options"/],
  [`${docker}setup: {config: {A: }}`, 2, 21, /setup\.config\.A: expected a string; for an empty one write ''/],
  [`${docker}setup: {config: {A: [1]}}`, 2, 21, /setup\.config\.A: expected a string/],
  [`${docker}setup: {config: {1A: x}}`, 2, 22, /expected a name of letters/],
  [`${docker}release: ./x`, 2, 10, /release: expected a map with "command"/],
  [`${docker}release: {image: web}`, 2, 10, /release: expected the key "command"/],
  [
    `${docker}release: {command: x, image: clock}`,
    2,
    30,
    /expected an image of build\.docker \(web, worker\), got "clock"/,
  ],
  [`${docker}release: {command: []}`, 2, 20, /got an empty list/],
  [`${docker}run: {web: {command: [a, {b: c}]}}`, 2, 26, /run\.web\.command\[1\]: expected a command, got a map/],
  [`${docker}run: {web: ''}`, 2, 12, /run\.web: expected a command or a list of commands, got an empty string/],
  [`${docker}run: {release: x}`, 2, 16, /the release phase is no process type/],
  [`${docker}run:`, 2, 5, /run: expected a map, got nothing/],
  ['build: {docker: {a: D, b: D}}\nrun: {c: x}', 2, 10, /expected "image" with one of a, b/],
  ['build: {docker: {web: D}, config: &m {<<: *m}}', 1, 43, /merges itself/],
];

for (const [text, line, column, message] of wrong) {
  test(`${JSON.stringify(text)} is refused at line ${line}, column ${column}`, () => {
    assert.throws(
      () => parseHerokuYml(text),
      (error: unknown) => {
        assert.ok(error instanceof BuildFailed);
        assert.equal(error.id, 'invalid_heroku_yml');
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`heroku.yml, line ${line}, column ${column}: `), error.message);
        return true;
      },
    );
  });
}

test('an empty heroku.yml is refused', () => {
  assert.throws(() => parseHerokuYml('# nothing\n'), /heroku\.yml: expected a map, got an empty file/);
});

test('a heroku.yml of many kilobytes is refused before it is parsed', () => {
  assert.throws(() => parseHerokuYml(`#${'x'.repeat(70_000)}`), /expected 64 KiB at most, got 69 KiB/);
});
