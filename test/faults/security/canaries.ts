/** Secrets for every setting that takes one. They must not appear in any output. Also the search for them. */
import { randomBytes } from 'node:crypto';
import { makeKeyPair } from '../../support/actors.js';

/** Long enough to be unique, with letters that are valid in every kind of secret. */
function plant(name: string): string {
  return `canary${name}${randomBytes(8).toString('hex')}`;
}

/** The key of an actor that the worker knows. */
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
  /** The key without the first and last line of the PEM. */
  actorKey: actorKeyPair.privatePem.split('\n')[1] ?? '',
  unrelated: plant('Unrelated'),
};

/** In a URL of the spec itself. The history contains it as a part of the spec. No other output may contain it. */
export const inlined = plant('InlinedToken');

/** In places that are written on purpose. The search must find it, or it could not find the secrets either. */
export const control = plant('Control');

/** Environment variables of worker, CLI and switch. `receiver`: URL for webhooks and notifications. */
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

/** The canaries in a text: plain, in base64 at any offset, or in hexadecimal. */
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
      // The first and the last characters also encode bits of the surrounding bytes.
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [canary, bytes.toString('hex'), ...shifted];
}
