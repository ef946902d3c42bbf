// The variables that VS Code sets on a webview's root, of its own four themes.

const fonts = {
  "font-family": "'Noto Sans', 'Noto Sans CJK JP', system-ui, sans-serif",
  "font-size": "13px",
  "editor-font-family": "'DejaVu Sans Mono', 'Noto Sans Mono CJK JP', monospace",
};

export const themes = {
  light: {
    body: "vscode-light",
    values: {
      foreground: "#3b3b3b", descriptionForeground: "#3b3b3b", "icon-foreground": "#3b3b3b", errorForeground: "#f85149",
      "editor-background": "#ffffff", "editorWidget-background": "#f8f8f8", "editorWidget-border": "#c8c8c8",
      "panel-border": "#e5e5e5", focusBorder: "#005fb8", "progressBar-background": "#005fb8",
      "testing-iconPassed": "#73c991", "editorWarning-foreground": "#bf8803",
      "textCodeBlock-background": "#f8f8f8", "textPreformat-foreground": "#3b3b3b", "textPreformat-background": "#0000001f",
      "textBlockQuote-background": "#f8f8f8", "textBlockQuote-border": "#e5e5e5",
      "button-background": "#005fb8", "button-foreground": "#ffffff", "button-hoverBackground": "#0258a8",
      "button-secondaryBackground": "#e5e5e5", "button-secondaryForeground": "#3b3b3b", "button-secondaryHoverBackground": "#cccccc",
      "button-border": "#0000001a", "toolbar-hoverBackground": "#b8b8b850", "widget-shadow": "#00000029",
      "scrollbarSlider-background": "#64646466",
    },
  },
  dark: {
    body: "vscode-dark",
    values: {
      foreground: "#cccccc", descriptionForeground: "#9d9d9d", "icon-foreground": "#cccccc", errorForeground: "#f85149",
      "editor-background": "#1f1f1f", "editorWidget-background": "#202020", "editorWidget-border": "#454545",
      "panel-border": "#2b2b2b", focusBorder: "#0078d4", "progressBar-background": "#0078d4",
      "testing-iconPassed": "#73c991", "editorWarning-foreground": "#cca700",
      "textCodeBlock-background": "#2b2b2b", "textPreformat-foreground": "#d0d0d0", "textPreformat-background": "#3c3c3c",
      "textBlockQuote-background": "#2b2b2b", "textBlockQuote-border": "#616161",
      "button-background": "#0078d4", "button-foreground": "#ffffff", "button-hoverBackground": "#026ec1",
      "button-secondaryBackground": "#313131", "button-secondaryForeground": "#cccccc", "button-secondaryHoverBackground": "#3c3c3c",
      "button-border": "#ffffff12", "toolbar-hoverBackground": "#5a5d5e50", "widget-shadow": "#0000005c",
      "scrollbarSlider-background": "#79797966",
    },
  },
  "high-contrast": {
    body: "vscode-high-contrast",
    values: {
      foreground: "#ffffff", descriptionForeground: "#ffffffb3", "icon-foreground": "#ffffff", errorForeground: "#f48771",
      "editor-background": "#000000", "editorWidget-background": "#0c141f", "editorWidget-border": "#6fc3df",
      "panel-border": "#6fc3df", contrastBorder: "#6fc3df", contrastActiveBorder: "#f38518", focusBorder: "#f38518",
      "progressBar-background": "#6fc3df", "testing-iconPassed": "#73c991", "editorWarning-foreground": "#ffd370",
      "textCodeBlock-background": "#000000", "textPreformat-foreground": "#ffffff", "textPreformat-background": "#ffffff1a",
      "textBlockQuote-border": "#ffffff", "button-foreground": "#ffffff", "button-background": "#000000", "button-border": "#6fc3df",
      "button-secondaryForeground": "#ffffff", "scrollbarSlider-background": "#6fc3df99",
    },
  },
  "high-contrast-light": {
    body: "vscode-high-contrast-light vscode-high-contrast",
    values: {
      foreground: "#292929", descriptionForeground: "#292929b3", "icon-foreground": "#292929", errorForeground: "#b5200d",
      "editor-background": "#ffffff", "editorWidget-background": "#ffffff", "editorWidget-border": "#0f4a85",
      "panel-border": "#0f4a85", contrastBorder: "#0f4a85", contrastActiveBorder: "#006bbd", focusBorder: "#006bbd",
      "progressBar-background": "#0f4a85", "testing-iconPassed": "#007100", "editorWarning-foreground": "#895503",
      "textCodeBlock-background": "#f2f2f2", "textPreformat-foreground": "#ffffff", "textPreformat-background": "#09345f",
      "textBlockQuote-background": "#f2f2f2", "textBlockQuote-border": "#292929", "button-foreground": "#ffffff", "button-background": "#0f4a85",
      "button-border": "#0f4a85", "button-secondaryForeground": "#292929", "scrollbarSlider-background": "#0f4a8566",
    },
  },
};

export const variables = ({ values }) =>
  Object.entries({ ...fonts, ...values }).map(([name, value]) => [`--vscode-${name}`, value]);
