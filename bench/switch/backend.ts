/** nginx configurations, one worker each: a backend instead of SageMaker Runtime, and nginx as the compared proxy. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface NginxFiles {
  backend: string;
  proxy: string;
}

/** Responds to every request immediately, in the format of SageMaker Runtime. */
const backendServer = (port: number) => `
    server {
      listen 127.0.0.1:${port};
      location / {
        default_type application/json;
        add_header x-Amzn-Invoked-Production-Variant $http_x_amzn_sagemaker_target_variant;
        add_header x-amzn-RequestId 00000000-0000-0000-0000-000000000000;
        return 200 '{"predictions":[0.12,0.88]}';
      }
    }`;

/** The same work without a signature: chooses a variant by the user's hash and sends it in a header. */
const proxyServer = (port: number, backend: number) => `
    split_clients "$http_x_penstock_user" $variant { 50% bench-b; * bench-a; }
    upstream backend { server 127.0.0.1:${backend}; keepalive 256; keepalive_requests 1000000000; }
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header X-Amzn-SageMaker-Target-Variant $variant;
        proxy_pass http://backend;
      }
    }`;

/** Writes both files to `folder`, which nginx also uses for temporary files. */
export async function writeNginxFiles(
  folder: string,
  ports: { backend: number; proxy: number },
): Promise<NginxFiles> {
  await mkdir(join(folder, 'temp'), { recursive: true });
  const write = async (name: string, server: string) => {
    const file = join(folder, `${name}.conf`);
    await writeFile(file, configOf(folder, name, server));
    return file;
  };
  return {
    backend: await write('backend', backendServer(ports.backend)),
    proxy: await write('proxy', proxyServer(ports.proxy, ports.backend)),
  };
}

function configOf(folder: string, name: string, server: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `    ${kind}_temp_path ${folder}/temp/${name}-${kind};`,
  );
  return `daemon off;
master_process off;
worker_processes 1;
pid ${folder}/${name}.pid;
error_log ${folder}/${name}.log crit;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000000;
${paths.join('\n')}
${server}
}
`;
}
