;;; kaizodo for Emacs with lsp-mode.
;;
;; Where: ~/.emacs.d/init.el, with the program `kaizodo' on the exec-path.
;; Press: M-x lsp in a file; then select text (on a mere cursor it is the paragraph), and
;;        M-x lsp-execute-code-action (s-l a a); choose "Kaizodo: Depth · …" (解像度 if the
;;        text or your system is Japanese).
;; See:   the answers as a Markdown file, or its path in the echo area.
;; 日本語: M-x lsp のあと、文章を選んで（カーソルだけなら段落）M-x lsp-execute-code-action で「解像度: 深さ · …」。答えは Markdown のファイルになります。
;;
;; `:add-on?' lets it run beside a language's own server.

(with-eval-after-load 'lsp-mode
  (add-to-list 'lsp-language-id-configuration '(text-mode . "plaintext") t)
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection '("kaizodo" "lsp"))
                    :activation-fn (lambda (&rest _) (derived-mode-p 'text-mode 'prog-mode))
                    :add-on? t
                    :server-id 'kaizodo)))
