declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** What Kadam uses of dynalite 4, which brings no types. Times in milliseconds. */
  export default function dynalite(options: {
    /** Folder of the LevelDB; in memory without it. */
    path?: string;
    createTableMs?: number;
    updateTableMs?: number;
    deleteTableMs?: number;
  }): Server;
}
