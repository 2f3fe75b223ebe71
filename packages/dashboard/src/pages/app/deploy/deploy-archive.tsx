import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { ask, pathOf, upload } from '../../../api/request.ts';
import type { Build } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { TextField, typedSince } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Section } from '../../../parts/section.tsx';
import { Output } from '../activity/output-dialog.tsx';

/** Source in a .tar.gz archive: from an address, or from this computer. */
export const DeployArchive = ({ app }: { readonly app: string }) => {
  const { t } = useWording();
  const build = useChange<Build>(app);
  const deploy = (url: string, name: string, onDone: () => void): void =>
    build.mutate(
      { method: 'POST', path: `/apps/${app}/builds`, body: { source_blob: { url, version_description: name } } },
      { onSuccess: onDone },
    );
  return (
    <Section title={t('deployArchive')} text={t('deployArchiveText')}>
      <FromAddress busy={build.isPending} onDeploy={deploy} />
      <FromFile app={app} busy={build.isPending} onDeploy={deploy} />
      <Problem error={build.error} />
      {build.data !== undefined && <Output url={build.data.output_stream_url} label={t('buildOutput')} />}
    </Section>
  );
};

/** The file that an address names, without what may be secret of it. */
const fileOf = (url: string): string => (URL.canParse(url) ? (new URL(url).pathname.split('/').at(-1) ?? '') : '');

interface FromProps {
  readonly busy: boolean;
  readonly onDeploy: (url: string, name: string, onDone: () => void) => void;
}

const FromAddress = ({ busy, onDeploy }: FromProps) => {
  const { t } = useWording();
  const [url, setUrl] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (url !== '') onDeploy(url, fileOf(url), () => setUrl(typedSince(url)));
  };
  return (
    <form className="inline-form" onSubmit={send}>
      <TextField
        label={t('archiveUrl')}
        type="url"
        placeholder="https://example.com/source.tar.gz"
        className="input ltr"
        value={url}
        onChange={(event) => setUrl(event.target.value.trim())}
      />
      <Button type="submit" busy={busy} disabled={url === ''}>
        {t('deployIt')}
      </Button>
    </form>
  );
};

/** Where a source is put and had from; Platform API reference, "Source". */
interface SourceAddresses {
  readonly source_blob: { readonly put_url: string; readonly get_url: string };
}

const FromFile = ({ app, busy, onDeploy }: FromProps & { readonly app: string }) => {
  const { t, bytes } = useWording();
  const [file, setFile] = useState<File>();
  const input = useRef<HTMLInputElement>(null);
  const put = useMutation({
    mutationFn: async (archive: File) => {
      const { source_blob: source } = await ask<SourceAddresses>('POST', `/apps/${app}/sources`);
      await upload(pathOf(source.put_url), archive);
      return { url: source.get_url, name: archive.name };
    },
    onSuccess: ({ url, name }) =>
      onDeploy(url, name, () => {
        setFile(undefined);
        if (input.current !== null) input.current.value = '';
      }),
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (file !== undefined) put.mutate(file);
  };
  return (
    <form className="inline-form" onSubmit={send}>
      <TextField
        ref={input}
        type="file"
        className="file"
        label={t('archiveFile')}
        hint={file === undefined ? t('archiveFileHint') : bytes(file.size)}
        accept=".tgz,.gz,application/gzip"
        onChange={(event) => setFile(event.target.files?.[0])}
      />
      <Button type="submit" busy={busy || put.isPending} disabled={file === undefined}>
        {t('uploadAndDeploy')}
      </Button>
      <Problem error={put.error} />
    </form>
  );
};
