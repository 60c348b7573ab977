import { JepilotError } from '../errors.ts';

/** Where an openpi server is, and by which keys its policy knows what we send. */
export interface OpenpiAddress {
  /** Without the fragment. */
  readonly url: string;
  /** Key of the first camera's picture. */
  readonly image: string;
  readonly layout: 'hwc' | 'chw';
  /** Key of the robot's state. */
  readonly state: string;
  /** What a language-conditioned policy is told. */
  readonly prompt: string | null;
}

const keys = ['image', 'layout', 'state', 'prompt'];

/**
 * An address such as `ws://host:8000` or `ws://host:8000/#image=observation/exterior_image_1_left&prompt=open+the+drawer`:
 * the fragment, which never leaves this machine, says how the server's policy names things.
 */
export function openpiAddress(text: string): OpenpiAddress {
  const refuse = (why: string): never => {
    throw new JepilotError('invalid-value', `--policy ${text}: ${why}`);
  };
  const url = URL.canParse(text) ? new URL(text) : refuse('it takes an address such as ws://127.0.0.1:8000');
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    return refuse(`it takes ws:// or wss://, not ${url.protocol}//`);
  const given = new URLSearchParams(url.hash.slice(1));
  const unknown = [...given.keys()].find((key) => !keys.includes(key));
  if (unknown !== undefined) refuse(`'${unknown}' is not known; known: ${keys.join(', ')}`);
  const layout = given.get('layout') ?? 'hwc';
  if (layout !== 'hwc' && layout !== 'chw') return refuse(`layout is '${layout}'; it takes hwc or chw`);
  url.hash = '';
  return {
    url: url.href,
    image: given.get('image') ?? 'observation/image',
    layout,
    state: given.get('state') ?? 'observation/state',
    prompt: given.get('prompt'),
  };
}
