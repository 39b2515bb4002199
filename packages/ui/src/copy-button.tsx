import { useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { CheckIcon, CopyIcon } from './icons.ts';
import { t } from './strings.ts';

/** Long enough to be seen, short enough that the next copy is confirmed anew. */
const CONFIRMED_MS = 2_500;

/** Puts a text on the clipboard and says that it did. */
export function CopyButton({ label, text }: { label: string; text(): string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRMED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setCopied(true);
  };
  return (
    <Button size="small" onClick={() => void copy()}>
      {copied ? <CheckIcon size={14} aria-hidden="true" /> : <CopyIcon size={14} aria-hidden="true" />}
      {copied ? t('common.copied') : label}
    </Button>
  );
}
