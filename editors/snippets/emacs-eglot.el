;;; kaizodo for Emacs with eglot (built in since Emacs 29; Debian 12: apt install elpa-eglot).
;;
;; Where: ~/.emacs.d/init.el, with the program `kaizodo' on the exec-path.
;; Press: M-x eglot, once a project; then select text (or leave the cursor in a paragraph) and
;;        press C-c k. M-x eglot-code-actions has the sets of your own settings too; without a
;;        selection it asks about the word at the cursor.
;; See:   the answers as a Markdown file in another window (Emacs 30), or the file's path in the
;;        echo area: C-c K opens it (Emacs 28, 29). The buffer follows the file until it is complete.
;; 日本語: M-x eglot のあと、文章を選ぶか段落にカーソルを置いて C-c k。答えは別ウィンドウの Markdown に出ます（Emacs 28・29 では C-c K で開きます）。
;;
;; eglot runs one server in a buffer, so there is no "beside". These entries stand at the END of
;; eglot's list: a language that has a server there keeps it, and kaizodo gets the rest. To ask
;; kaizodo in a buffer that another server holds: C-u M-x eglot, and as the program `kaizodo lsp'.

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '((text-mode prog-mode) . ("kaizodo" "lsp")) t)
  ;; Markdown has a server in the list, marksman. This line, if you want it, puts kaizodo first.
  (add-to-list 'eglot-server-programs '(markdown-mode . ("kaizodo" "lsp")))
  (define-key eglot-mode-map (kbd "C-c k") #'kaizodo-ask)
  (define-key eglot-mode-map (kbd "C-c K") #'kaizodo-panel))

(defun kaizodo-ask ()
  "Ask about the selection, or about the paragraph at the cursor."
  (interactive)
  (let ((beg (if (use-region-p) (region-beginning) (point)))
        (end (if (use-region-p) (region-end) (point))))
    (eglot-code-actions beg end "refactor.rewrite.kaizodo.default" t)))

(defun kaizodo-panel ()
  "Show the newest answers in another window."
  (interactive)
  (let ((state (or (getenv "XDG_STATE_HOME") "~/.local/state")))
    (find-file-other-window (expand-file-name "kaizodo/panels/latest.md" state))))

(defun kaizodo-follow ()
  "Keep a buffer of answers up to date, and read-only."
  (when (string-match-p "/kaizodo/panels/[^/]+\\.md\\'" buffer-file-name)
    (setq-local auto-revert-verbose nil)
    (auto-revert-mode)
    (view-mode)))
(add-hook 'find-file-hook #'kaizodo-follow)
