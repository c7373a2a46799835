const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** AWS's `UriEncode`: every byte of the UTF-8 but `A-Z a-z 0-9 - . _ ~`. */
export const percentEncode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, percent);

/**
 * The text that a piece of a URL, or of a header that holds one, stands for. Node hands out bytes as latin1, so what a
 * client sent unencoded counts as the bytes that it was.
 * @throws URIError where the bytes are no UTF-8 or an escape is broken
 */
export const percentDecode = (text: string): string => decodeURIComponent(text.replace(/[\x80-\xff]/g, percent));
