// node verify.mjs BUNDLE PUBLIC_KEY_PEM: exit 0 when Sigstore's own implementation accepts the bundle, 1 with its reason otherwise.
// Keys are our own and no transparency log is involved, so the thresholds for logs and timestamps are zero.
import { readFileSync } from 'node:fs';
import { createHash, createPublicKey } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';

const [bundlePath, keyPath] = process.argv.slice(2);
const key = createPublicKey(readFileSync(keyPath));
const hint = createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest('base64');
const material = {
  certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [],
  publicKey: (asked) => {
    if (asked !== hint) throw new Error(`the bundle names the key ${asked}, this one is ${hint}`);
    return { publicKey: key, validFor: () => true };
  },
};
try {
  const bundle = bundleFromJSON(JSON.parse(readFileSync(bundlePath, 'utf8')));
  new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(toSignedEntity(bundle));
} catch (error) {
  console.error(String(error));
  process.exit(1);
}
