const MIB = 1024 * 1024;

export interface ZipLimits {
  totalBytes: number;
  entryBytes: number;
  catalogBytes: number;
  ratio: number;
  ratioFreeBytes: number;
  entries: number;
  depth: number;
}

export const ZIP_LIMITS: ZipLimits = {
  /** Nothing is unpacked to disk, so this bounds time: the JSON of a very large organisation is some tens of gigabytes. */
  totalBytes: 64 * 1024 * MIB,
  /** A day file is parsed whole and costs about six times its size in memory; a busy channel's day is a few megabytes. */
  entryBytes: 64 * MIB,
  /** users.json and its siblings grow with the workspace (about 1.5 KB a person), and must stay below V8's string limit. */
  catalogBytes: 256 * MIB,
  /** Chat JSON deflates 5 to 30 times, a bot repeating itself 150 times; DEFLATE tops out at 1,032, where bombs live. */
  ratio: 300,
  /** A few repeated lines reach any ratio and can hurt nobody, so the ratio counts only past this size. */
  ratioFreeBytes: 4 * MIB,
  /** One entry is one channel's day; the index holds about 300 bytes for each. */
  entries: 1_000_000,
  /** `<folder>/<channel>/<day>.json` is 3; tools that add attachments reach 5. */
  depth: 8,
};
