/** Why a build ends without a slug; ids are never reused. What each means to the user is in docs/errors.md. */
export const buildErrors = {
  no_language_detected: 'No buildpack matches the source and there is no Procfile.',
  buildpack_not_applicable: 'A buildpack that the app asks for does not accept the source.',
  buildpack_unavailable: 'A buildpack could not be fetched or is not a buildpack.',
  buildpack_failed: 'The compile script of a buildpack ended with an error.',
  runtime_unavailable: 'The version of an interpreter or package manager that the source asks for could not be had.',
  invalid_procfile: 'The Procfile has a line that is not TYPE: COMMAND.',
  dockerfile_missing:
    'The container stack found neither heroku.yml nor the Dockerfile to build, or that lies outside the source.',
  image_failed:
    'Building an image ended with an error: a step of the Dockerfile failed, or its base could not be pulled.',
  engine_unavailable: 'The container engine did not answer, or went away during the build.',
  invalid_heroku_yml: 'heroku.yml is not YAML, has an unknown key or holds a value of the wrong type.',
  invalid_app_json: 'app.json is not JSON or holds a value of the wrong type.',
  invalid_package_json: 'package.json is not JSON or holds a value of the wrong type.',
  slug_too_large: 'The slug is larger than the limit.',
  build_timeout: 'The build took longer than the limit.',
  out_of_memory: 'The build used more memory than the limit.',
  disk_full: 'The disk that builds are made on is full.',
  source_unavailable: 'The archive that a build was asked for could not be fetched or unpacked.',
  config_var_missing: 'app.json asks for a config var that is not set and has no default.',
  add_on_unavailable: 'An add-on that app.json asks for could not be created.',
  stack_unavailable: 'The stack that the app is set to can not be built here.',
  build_cancelled: 'The build was cancelled.',
  build_interrupted: 'Ravine was restarted during the build.',
} as const;

export type BuildErrorId = keyof typeof buildErrors;
