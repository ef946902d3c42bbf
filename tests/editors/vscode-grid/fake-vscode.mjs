// The few names of the editor's API that the grid uses, recording what is asked of them.

export const made = [];

export const ViewColumn = { Beside: -2 };
export const env = { language: "ja" };
export const Uri = {
  joinPath: (base, ...parts) => ({ toString: () => [String(base), ...parts].join("/") }),
};
export const window = {
  createWebviewPanel(viewType, title, column, options) {
    const heard = { message: [], state: [], dispose: [] };
    const on = (name) => (listener) => heard[name].push(listener);
    const panel = {
      viewType, title, column, options,
      visible: true,
      active: false,
      sent: [],
      reveals: [],
      webview: {
        html: "",
        asWebviewUri: (uri) => `https://res.example/${uri}`,
        onDidReceiveMessage: on("message"),
        postMessage: (message) => panel.sent.push(structuredClone(message)),
      },
      onDidChangeViewState: on("state"),
      onDidDispose: on("dispose"),
      reveal: (...args) => panel.reveals.push(args),
      dispose: () => heard.dispose.forEach((listener) => listener()),
      say: (message) => heard.message.forEach((listener) => listener(message)),
      setActive(active) {
        panel.active = active;
        heard.state.forEach((listener) => listener({ webviewPanel: panel }));
      },
      setVisible(visible) {
        panel.visible = visible;
        heard.state.forEach((listener) => listener({ webviewPanel: panel }));
      },
    };
    made.push(panel);
    return panel;
  },
};
globalThis.fakeVscode = { made, createWebviewPanel: window.createWebviewPanel };
