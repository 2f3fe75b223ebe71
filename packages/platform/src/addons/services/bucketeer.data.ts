import type { PlanEntry, ServiceEntry } from '../catalogue-entry.ts';

const gb = 1024 ** 3;
const plan = (name: string, humanName: string, sizeGb: number): PlanEntry => ({
  name,
  humanName,
  connections: 0,
  sizeBytes: sizeGb * gb,
});

/** Object storage; config vars as in the Dev Center's "Bucketeer", and the names that tools of AWS and django-storages read. */
export const bucketeer: ServiceEntry = {
  name: 'bucketeer',
  humanName: 'Bucketeer',
  description: 'A bucket for uploads and other media, with the protocol of Amazon S3.',
  namePrefix: 'bucketeer',
  firstAttachment: 'BUCKETEER',
  attachmentPrefix: 'BUCKETEER',
  configSuffixes: [
    'BUCKET_NAME',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_REGION',
    'PUBLIC_URL',
    '=AWS_ACCESS_KEY_ID',
    '=AWS_SECRET_ACCESS_KEY',
    '=AWS_REGION',
    '=AWS_STORAGE_BUCKET_NAME',
    '=AWS_S3_ENDPOINT_URL',
    '=AWS_ENDPOINT_URL_S3',
  ],
  changesPlan: true,
  defaultPlan: 'hobbyist',
  provisionMessage: 'Bucket has been created and is available; the keys are in the config vars.',
  plans: [
    plan('hobbyist', 'Hobbyist', 5),
    plan('micro', 'Micro', 25),
    plan('small', 'Small', 100),
    plan('medium', 'Medium', 250),
    plan('large', 'Large', 500),
  ],
};
