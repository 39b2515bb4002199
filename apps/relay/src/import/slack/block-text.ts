/*
 * Apps may leave `text` empty and say everything in blocks. This takes the words out as mrkdwn; layout is lost.
 */

/** Rich text nests lists and quotes a few levels; deeper is an attack on the stack. */
const MAX_DEPTH = 16;

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function field(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function string(value: object, key: string): string {
  const found = field(value, key);
  return typeof found === 'string' ? found : '';
}

function styled(text: string, style: unknown): string {
  if (typeof style !== 'object' || style === null || text.trim() === '') return text;
  let result = text;
  if (field(style, 'code') === true) return `\`${result}\``;
  if (field(style, 'strike') === true) result = `~${result}~`;
  if (field(style, 'italic') === true) result = `_${result}_`;
  if (field(style, 'bold') === true) result = `*${result}*`;
  return result;
}

function leaf(node: object): string | null {
  switch (string(node, 'type')) {
    case 'text':
      return styled(escapeText(string(node, 'text')), field(node, 'style'));
    case 'plain_text':
      return escapeText(string(node, 'text'));
    case 'mrkdwn':
      return string(node, 'text');
    case 'link': {
      const label = string(node, 'text');
      return `<${escapeText(string(node, 'url'))}${label === '' ? '' : `|${escapeText(label)}`}>`;
    }
    case 'user':
      return `<@${string(node, 'user_id')}>`;
    case 'channel':
      return `<#${string(node, 'channel_id')}>`;
    case 'broadcast':
      return `<!${string(node, 'range')}>`;
    case 'usergroup':
      return `<!subteam^${string(node, 'usergroup_id')}>`;
    case 'emoji':
      return `:${string(node, 'name')}:`;
    default:
      return null;
  }
}

function prefixLines(text: string, prefix: string): string {
  return text
    .split('\n')
    .map((line) => prefix + line)
    .join('\n');
}

function walk(node: unknown, depth: number): string {
  if (typeof node !== 'object' || node === null || depth > MAX_DEPTH) return '';
  if (Array.isArray(node)) return lines(node, depth, '\n');
  const text = leaf(node);
  if (text !== null) return text;
  const elements = field(node, 'elements');
  const inner = Array.isArray(elements) ? elements : [];
  switch (string(node, 'type')) {
    case 'rich_text_section':
      return lines(inner, depth, '');
    case 'rich_text_preformatted':
      return `\`\`\`${lines(inner, depth, '')}\`\`\``;
    case 'rich_text_quote':
      return prefixLines(lines(inner, depth, ''), '&gt; ');
    case 'rich_text_list':
      return inner.map((item) => `• ${walk(item, depth + 1)}`).join('\n');
    default:
      return [field(node, 'text'), field(node, 'fields'), inner]
        .map((part) => walk(part, depth + 1))
        .filter((part) => part !== '')
        .join('\n');
  }
}

function lines(nodes: readonly unknown[], depth: number, separator: string): string {
  return nodes
    .map((node) => walk(node, depth + 1))
    .filter((part) => part !== '')
    .join(separator);
}

export function textOfBlocks(blocks: readonly unknown[]): string {
  return walk(blocks, 0);
}
