/** One S3 client as the scenario drives it. Keys and buckets go to it as its users would write them. */
export type Client = {
  name: string;
  /** Keys that the client itself cannot handle, on AWS neither, and why. */
  cannot?: (key: string) => string | undefined;
  createBucket(bucket: string): Promise<void>;
  deleteBucket(bucket: string): Promise<void>;
  /** Uploads a file; one of more than 8 MB in parts, where the client can. */
  put(file: string, bucket: string, key: string): Promise<void>;
  get(bucket: string, key: string, file: string): Promise<void>;
  getRange(bucket: string, key: string, range: { first: number; last: number }): Promise<Buffer>;
  /** The size in bytes. */
  head(bucket: string, key: string): Promise<number>;
  list(bucket: string): Promise<string[]>;
  copy(bucket: string, from: string, to: string): Promise<void>;
  delete(bucket: string, key: string): Promise<void>;
  move?(bucket: string, from: string, to: string): Promise<void>;
  deleteMany?(bucket: string, keys: string[]): Promise<void>;
  /** Makes the bucket's prefix be as the folder is, and the other way round. */
  syncUp?(folder: string, bucket: string, prefix: string): Promise<void>;
  syncDown?(bucket: string, prefix: string, folder: string): Promise<void>;
  /** URLs by which anybody may read the object for a minute. */
  presign?(bucket: string, key: string): Promise<string[]>;
  /** A URL by which anybody may write it. */
  presignPut?(bucket: string, key: string): Promise<string>;
  close?(): Promise<void>;
};
