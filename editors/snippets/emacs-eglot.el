;;; kaizodo for Emacs with eglot (built in since Emacs 29; Debian 12: apt install elpa-eglot).
;;
;; Where: ~/.emacs.d/init.el, with the program `kaizodo' on the exec-path.
;; Press: M-x eglot, once a project; then select text (or leave the cursor in a paragraph) and
;;        press C-c k. M-x eglot-code-actions has the sets of your own settings too; without a
;;        selection it asks about the word at the cursor.
;; See:   the answers as a Markdown file in another window (Emacs 30), or the file's path in the
;;        echo area: C-c K opens it (Emacs 28, 29). The buffer follows the file until it is complete.
;;        There, select lines and press C-c k to ask about them; with M-x eglot-code-actions a
;;        section is stopped, retried, asked about, or inserted into the text.
;; 日本語: M-x eglot のあと、文章を選ぶか段落にカーソルを置いて C-c k。答えは別ウィンドウの Markdown に出ます（Emacs 28・29 では C-c K で開きます）。答えの行を選べば、それについても聞けます。
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

(defvar kaizodo-server nil "The server that was asked last; it knows the answers' buffers, too.")

(defun kaizodo-ask ()
  "Ask about the selection, or about the paragraph at the cursor."
  (interactive)
  (setq kaizodo-server (eglot-current-server))
  (let ((beg (if (use-region-p) (region-beginning) (point)))
        (end (if (use-region-p) (region-end) (point))))
    (eglot-code-actions beg end "refactor.rewrite.kaizodo.default" t)))

(defun kaizodo-panel ()
  "Show the newest answers in another window."
  (interactive)
  (let* ((state (or (getenv "XDG_STATE_HOME") "~/.local/state"))
         (file (expand-file-name "kaizodo/panels/latest.md" state))
         (shown (get-file-buffer file))
         (revert-without-query (list (regexp-quote file))))
    ;; It is another project's server that this buffer speaks to.
    (when (and shown (not (eq kaizodo-server (buffer-local-value 'eglot--cached-server shown))))
      (kill-buffer shown))
    (find-file-other-window file)))

(defun kaizodo-follow ()
  "Keep a buffer of answers up to date, read-only and known to the server."
  (when (string-match-p "/kaizodo/panels/[^/]+\\.md\\'" buffer-file-name)
    (when (and kaizodo-server (jsonrpc-running-p kaizodo-server))
      (setq-local eglot--cached-server kaizodo-server))
    (setq-local auto-revert-verbose nil)
    (auto-revert-mode)
    (view-mode)))
(add-hook 'find-file-hook #'kaizodo-follow -90) ; before eglot looks for the buffer's server
