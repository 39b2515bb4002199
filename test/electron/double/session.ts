type Answer<T> = (answer: T) => void;
interface Details {
  readonly url: string;
  readonly responseHeaders?: Record<string, string[]>;
}
type PermissionRequest = (contents: unknown, permission: string, answer: Answer<boolean>, details: unknown) => void;
type PermissionCheck = (contents: unknown, permission: string, origin: string) => boolean;

const schemes = new Map<string, (request: Request) => Response | Promise<Response>>();
let beforeRequest: ((details: Details, answer: Answer<{ cancel?: boolean }>) => void) | null = null;
let headersReceived:
  | ((details: Details, answer: Answer<{ responseHeaders?: Record<string, string[]> }>) => void)
  | null = null;

/** Handlers that main set, for tests to ask. */
export const permissions: {
  request: PermissionRequest | null;
  check: PermissionCheck | null;
  device: (() => boolean) | null;
} = {
  request: null,
  check: null,
  device: null,
};

const defaultSession = {
  protocol: {
    handle(scheme: string, handler: (request: Request) => Response | Promise<Response>): void {
      schemes.set(`${scheme}:`, handler);
    },
  },
  webRequest: {
    onBeforeRequest: (listener: NonNullable<typeof beforeRequest>): void => {
      beforeRequest = listener;
    },
    onHeadersReceived: (listener: NonNullable<typeof headersReceived>): void => {
      headersReceived = listener;
    },
  },
  setPermissionRequestHandler: (handler: PermissionRequest): void => {
    permissions.request = handler;
  },
  setPermissionCheckHandler: (handler: PermissionCheck): void => {
    permissions.check = handler;
  },
  setDevicePermissionHandler: (handler: () => boolean): void => {
    permissions.device = handler;
  },
};
export const session = { defaultSession };

/** What main answers to a request of a page; null where it is cancelled or nobody handles it. */
export async function answerRequest(url: string, method: string): Promise<Response | null> {
  const cancelled = await new Promise<boolean>((resolve) => {
    if (beforeRequest) beforeRequest({ url }, ({ cancel }) => resolve(cancel === true));
    else resolve(false);
  });
  const handler = schemes.get(new URL(url).protocol);
  if (cancelled || !handler) return null;
  const response = await handler(new Request(url, { method }));
  const responseHeaders = Object.fromEntries([...response.headers].map(([name, value]) => [name, [value]]));
  const changed = await new Promise<Record<string, string[]> | undefined>((resolve) => {
    if (headersReceived) headersReceived({ url, responseHeaders }, (answer) => resolve(answer.responseHeaders));
    else resolve(undefined);
  });
  return new Response(response.body, {
    status: response.status,
    headers: Object.entries(changed ?? responseHeaders).map(([name, values]): [string, string] => [
      name,
      values.join(', '),
    ]),
  });
}
