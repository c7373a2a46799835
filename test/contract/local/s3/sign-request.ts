import { createHash, createHmac } from 'node:crypto';

/** A request as a test wants it signed; path with query, as it goes over the wire. */
export type Unsigned = {
  port: number;
  method: string;
  path: string;
  headers?: Record<string, string | number>;
  /** SHA-256 in hex of the body, or what stands for it. */
  payloadHash?: string;
  secret?: string;
  accessKeyId?: string;
  /** When the client says that it is. */
  date?: Date;
  service?: string;
};

type Signed = { signature: string; key: Buffer; time: string; scope: string };

export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
export const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The headers that sign a request in its Authorization header, and what its chunks are to be signed with. */
export const signRequest = (request: Unsigned): Signed & { headers: Record<string, string | number> } => {
  const { port, accessKeyId = 'kadam', payloadHash = 'UNSIGNED-PAYLOAD' } = request;
  const headers: Record<string, string | number> = {
    host: `127.0.0.1:${port}`,
    'x-amz-content-sha256': payloadHash,
    ...request.headers,
    'x-amz-date': basicTime(request.date),
  };
  const names = Object.keys(headers)
    .filter((name) => name !== 'content-length' && name !== 'transfer-encoding')
    .sort();
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`);
  const [path = '', query = ''] = request.path.split(/\?(.*)/s);
  const signed = sign(request, [path, query, lines, names, String(headers['x-amz-content-sha256'])]);
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${signed.scope}, SignedHeaders=${names.join(';')}, Signature=${signed.signature}`;
  return { ...signed, headers: { ...headers, authorization } };
};

/** The path and query of a presigned URL. */
export const presign = (request: Unsigned, seconds: number | string): string => {
  const { accessKeyId = 'kadam', service = 's3' } = request;
  const time = basicTime(request.date);
  const parameters = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${accessKeyId}/${time.slice(0, 8)}/us-east-1/${service}/aws4_request`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': 'host',
  });
  const [path = '', given = ''] = request.path.split(/\?(.*)/s);
  const query = [given, String(parameters)].filter((part) => part !== '').join('&');
  const { signature } = sign(request, [path, query, [`host:127.0.0.1:${request.port}`], ['host'], 'UNSIGNED-PAYLOAD']);
  return `${path}?${query}&X-Amz-Signature=${signature}`;
};

type Canonical = [path: string, query: string, lines: string[], names: string[], payloadHash: string];

const sign = (
  { method, secret = 'kadam', date, service = 's3' }: Unsigned,
  [path, query, lines, names, hash]: Canonical,
): Signed => {
  const time = basicTime(date);
  const canonical = [method, reencode(path), sorted(query), ...lines, '', names.join(';'), hash].join('\n');
  const scope = `${time.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const digest = sha256(Buffer.from(canonical, 'latin1'));
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, digest].join('\n')).toString('hex');
  return { signature, key: Buffer.from(key), time, scope };
};

const sorted = (query: string): string =>
  query
    .split('&')
    .filter((item) => item !== '')
    .map((item) => {
      const [name = '', value = ''] = item.replaceAll('+', ' ').split(/=(.*)/s);
      return `${reencode(name, /[^\w.~-]/g)}=${reencode(value, /[^\w.~-]/g)}`;
    })
    .sort()
    .join('&');

/** Every byte but those that AWS leaves, whatever of them was encoded before. */
const reencode = (text: string, encoded = /[^\w./~-]/g): string =>
  text
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(encoded, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

const basicTime = (date = new Date()): string => date.toISOString().replace(/[-:]|\.\d+/g, '');
