import { percentEncode } from '../../signatures/percent-encoding.ts';

/** A key as S3 writes it in events and under `encoding-type=url`: form-encoded (space becomes `+`), slashes kept. */
export const formEncode = (text: string): string => percentEncode(text).replaceAll('%20', '+').replaceAll('%2F', '/');
