import '@parley/ui/styles';
import { must } from '@parley/sync/text';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { connect } from './engine/connection.ts';
import { electronPorts, isElectron } from './engine/electron-ports.ts';
import { EngineContext } from './engine/engine-context.ts';
import { socketPorts } from './engine/socket-ports.ts';
import { recallAppearance } from './preferences/appearance.ts';
import { followHash } from './state/follow-hash.ts';

const engine = connect(isElectron() ? electronPorts() : socketPorts());
recallAppearance();
followHash();
createRoot(must(document.getElementById('root'), 'the page has a root')).render(
  <StrictMode>
    <EngineContext value={engine}>
      <App />
    </EngineContext>
  </StrictMode>,
);
