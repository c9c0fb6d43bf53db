/** Secrets that must be seen nowhere, in every place that takes one; and how to look for them. */
import { randomBytes } from 'node:crypto';
import { makeKeyPair } from '../../support/actors.js';

/** Long enough to be no accident, and of letters that a secret may be of anywhere. */
function plant(name: string): string {
  return `canary${name}${randomBytes(8).toString('hex')}`;
}

/** Whom the worker knows. */
export const actorKeyPair = makeKeyPair();

export const secrets = {
  awsSecretKey: plant('AwsSecretKey'),
  awsSessionToken: plant('AwsSessionToken'),
  gateSecret: plant('GateSecret'),
  gatePath: plant('GatePath'),
  gateQuery: plant('GateQuery'),
  noticeSecret: plant('NoticeSecret'),
  noticePath: plant('NoticePath'),
  slackPath: plant('SlackPath'),
  temporalApiKey: plant('TemporalApiKey'),
  temporalTlsKey: plant('TemporalTlsKey'),
  temporalMetadata: plant('TemporalMetadata'),
  proxyPassword: plant('ProxyPassword'),
  /** What is between the PEM's lines. */
  actorKey: actorKeyPair.privatePem.split('\n')[1] ?? '',
  unrelated: plant('Unrelated'),
};

/** In a URL that the spec itself holds: the history has it as the spec's, and nothing else may have it. */
export const inlined = plant('InlinedToken');

/** Planted where it is written on purpose: what finds this would find the others. */
export const control = plant('Control');

/** Of worker, CLI and switch. `receiver` is who is asked and told. */
export function environmentOf(receiver: string): Record<string, string> {
  const proxy = `http://someone:${secrets.proxyPassword}@127.0.0.1:1`;
  return {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: secrets.awsSecretKey,
    AWS_SESSION_TOKEN: secrets.awsSessionToken,
    GATE_URL: `${receiver}/${secrets.gatePath}?token=${secrets.gateQuery}`,
    GATE_SECRET: secrets.gateSecret,
    NOTICE_URL: `${receiver}/notices/${secrets.noticePath}`,
    NOTICE_SECRET: secrets.noticeSecret,
    SLACK_URL: `${receiver}/services/${secrets.slackPath}`,
    TEMPORAL_API_KEY: secrets.temporalApiKey,
    TEMPORAL_TLS: 'false',
    TEMPORAL_TLS_CLIENT_KEY_DATA: secrets.temporalTlsKey,
    TEMPORAL_TLS_CLIENT_CERT_DATA: secrets.temporalTlsKey,
    TEMPORAL_GRPC_META_X_TOKEN: secrets.temporalMetadata,
    ...{ HTTPS_PROXY: proxy, HTTP_PROXY: proxy, https_proxy: proxy, http_proxy: proxy },
    ...{ NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost' },
    DATABASE_PASSWORD: secrets.unrelated,
    PENSTOCK_DEBUG: '1',
  };
}

/** Which canaries are in a text: as they are, in base64 at any offset, in hexadecimal, or URL-encoded bytes of them. */
export function found(text: string, canaries: Record<string, string> = secrets): string[] {
  return Object.entries(canaries)
    .filter(([, canary]) => formsOf(canary).some((form) => text.includes(form)))
    .map(([name]) => name);
}

function formsOf(canary: string): string[] {
  const bytes = Buffer.from(canary);
  const shifted = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      // The first and the last characters also hold bits of what is around.
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [canary, bytes.toString('hex'), ...shifted];
}
