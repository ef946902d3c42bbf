;;; What run.sh checks, inside Emacs. -*- lexical-binding: t -*-

(defconst work (file-name-as-directory (getenv "WORK")))
(setq eglot-sync-connect 10
      eglot-autoreconnect nil
      eglot-events-buffer-size 0
      create-lockfiles nil
      make-backup-files nil)
(transient-mark-mode 1)

;;; Telling

(defun tell (line)
  (write-region (concat line "\n") nil (getenv "RESULTS") t 'silent))

(defmacro check (name &rest body)
  "One test: BODY's value, where an error is a failure too."
  (declare (indent 1))
  `(condition-case problem
       (tell (if (progn ,@body) (concat "ok " ,name) (concat "FAILED " ,name)))
     (error (tell (format "FAILED %s: %S" ,name problem)))))

(defmacro wait-for (seconds &rest body)
  "BODY's value as soon as it has one, within SECONDS."
  (declare (indent 1))
  `(let ((end (+ (float-time) ,seconds)) value)
     (while (and (not (setq value (progn ,@body))) (< (float-time) end))
       (accept-process-output nil 0.05))
     value))

(defvar told nil "The server's messages, the newest first.")

;;; The user's part

(defun open-memo (folder)
  "Open the memo and let eglot find the server, as M-x eglot does."
  (find-file (concat work folder "/memo.txt"))
  (call-interactively #'eglot)
  (wait-for 20 (eglot-current-server)))

(defun select-first-paragraph ()
  (goto-char (point-min))
  (set-mark (point))
  (forward-line 2)
  (activate-mark))

(defun seconds-to-ask ()
  "Ask with the key that the set-up binds; how long Emacs stood still."
  (let ((start (float-time)))
    (call-interactively (key-binding (kbd "C-c k")))
    (- (float-time) start)))

(defun titles-at (beg end)
  (mapcar (lambda (action) (plist-get action :title)) (append (eglot-code-actions beg end) nil)))

;;; The panel's part

(defun panels ()
  (let ((folder (concat (getenv "XDG_STATE_HOME") "/kaizodo/panels")))
    (and (file-directory-p folder) (directory-files folder t "\\.md\\'"))))

(defun latest ()
  (concat (getenv "XDG_STATE_HOME") "/kaizodo/panels/latest.md"))

(defun text-of (file)
  (with-temp-buffer (insert-file-contents file) (buffer-string)))

(defun headings (text)
  (let ((start 0) found)
    (while (string-match "^## \\(.*\\)$" text start)
      (push (match-string 1 text) found)
      (setq start (match-end 0)))
    (nreverse found)))

(defun times (what text)
  (1- (length (split-string text (regexp-quote what)))))

;;; A model that is slow to say its first word, on loopback: longer than Emacs may stand still on a busy machine

(defun answer-late (connection _text)
  (unless (process-get connection 'asked)
    (process-put connection 'asked t)
    (run-at-time 6 nil
                 (lambda ()
                   (process-send-string
                    connection
                    (concat "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
                            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"late words\"},"
                            "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"))
                   (delete-process connection)))))

(defun start-slow-model ()
  "A server's base URL."
  (let ((server (make-network-process :name "slow" :server 16 :host "127.0.0.1" :service t :noquery t
                                      :coding 'binary :filter #'answer-late)))
    (format "http://127.0.0.1:%d/v1" (process-contact server :service))))

(defvar pace nil "`drip' for answers that go on until they are stopped, else `quick'.")

(defun data-line (word reason)
  (format "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":%s}]}\n\n" word reason))

(defun send-word (connection left)
  (when (process-live-p connection)
    (process-send-string connection (data-line "\\u8a00\\u8449 " "null"))
    (if (> left 0)
        (run-at-time 0.1 nil #'send-word connection (1- left))
      (process-send-string connection (concat (data-line "\\u7d42\\u308f\\u308a" "\"stop\"") "data: [DONE]\n\n"))
      (delete-process connection))))

(defun answer-paced (connection _text)
  (unless (process-get connection 'asked)
    (process-put connection 'asked t)
    (process-send-string
     connection "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
    (send-word connection (if (eq pace 'drip) 2000 0))))

(defun start-paced-model ()
  "A server's base URL."
  (let ((server (make-network-process :name "paced" :server 16 :host "127.0.0.1" :service t :noquery t
                                      :coding 'binary :filter #'answer-paced)))
    (format "http://127.0.0.1:%d/v1" (process-contact server :service))))

;;; The tests

(load (getenv "SNIPPET") nil t)
(require 'eglot)
(advice-add 'eglot--message :before
            (lambda (format &rest args) (push (apply #'format format args) told)))

(setenv "KAIZODO_PROVIDER" "worksheet")
(setenv "KAIZODO_FOCUS" "off")
(check "eglot attaches the server to a text file" (open-memo "fast"))
(check "a selection is offered the action, in its language"
  (equal (titles-at (point-min) (line-end-position 2)) '("解像度: 深さ · 広さ · 構造 · 時間")))
;; Eglot does not say whether a hand or the editor asks.
(check "a cursor is offered nothing unasked" (null (titles-at (point-min) (point-min))))
(check "a blank line is offered nothing"
  (null (titles-at (line-beginning-position 3) (line-beginning-position 3))))

(select-first-paragraph)
(check "the command answers within four seconds" (< (seconds-to-ask) 4.0))
(check "the panel is a file under XDG_STATE_HOME" (wait-for 20 (panels)))
(check "the user is shown the file, or told where it is"
  (wait-for 20 (or (get-file-buffer (car (panels)))
                  (seq-some (lambda (line) (string-search (latest) line)) told))))
(check "it has four sections, in order"
  (wait-for 20 (equal (headings (text-of (car (panels)))) '("深さ" "広さ" "構造" "時間"))))
(check "all four are complete" (wait-for 20 (string-match-p "## 時間\n\n- [^_]+\\'" (text-of (car (panels))))))
(check "that no model was asked is said once" (= 1 (times "モデルには尋ねていません" (text-of (car (panels))))))
(check "it says where the text came from" (string-search "memo.txt:1–2" (text-of (car (panels)))))
(check "only its owner can read it"
  (equal '("-rw-------" "drwx------")
         (mapcar (lambda (file) (file-attribute-modes (file-attributes file)))
                 (list (car (panels)) (file-name-directory (car (panels)))))))
(check "the source is left as it was"
  (with-current-buffer (find-file-noselect (concat work "fast/memo.txt"))
    (not (buffer-modified-p))))
(check "its buffer is read-only and follows the file"
  (save-window-excursion
    (call-interactively #'kaizodo-panel)
    (and buffer-read-only auto-revert-mode
         (string-suffix-p "/latest.md" buffer-file-name)
         (equal (buffer-string) (text-of (car (panels)))))))

(let ((process-environment (append (list (concat "OPENAI_BASE_URL=" (start-slow-model)) "OPENAI_API_KEY=none"
                                         "KAIZODO_PROVIDER=openai" "KAIZODO_MODEL=slow" "KAIZODO_FOCUS=auto")
                                   process-environment)))
  (check "a second project has a server of its own" (open-memo "slow")))
(goto-char (point-max))
(forward-line -1)
(deactivate-mark)
(check "a model that says nothing yet does not hold Emacs up" (< (seconds-to-ask) 4.0))
(defun text-with-focus ()
  (seq-find (lambda (text) (string-search "## 焦点" text)) (mapcar #'text-of (panels)) ""))
(check "its answers come into the file, all four and what is written from them"
  (wait-for 40 (= 5 (times "late words" (text-with-focus)))))
(check "the focus stands at the head of the file"
  (let ((text (text-with-focus)))
    (and (equal (headings text) '("焦点" "深さ" "広さ" "構造" "時間"))
         (string-match-p "## 焦点\n\nlate words\n" text))))
(check "the paragraph at the cursor was asked about"
  (seq-some (lambda (file) (string-search "memo.txt:4–5" (text-of file))) (panels)))
;;; Work in the panel: Emacs has no 言葉 of ours for it, only code actions

(defvar in-panel nil "The panel's buffer.")

(defun shown ()
  "The panel's text as it is now."
  (with-current-buffer in-panel
    (revert-buffer t t t)
    (buffer-string)))

(defun section (heading)
  "The text below a heading of the panel."
  (let ((text (shown)))
    (and (string-match (concat "^## " heading "\\([^#]*\\)") text) (match-string 1 text))))

(defun act (heading title)
  "Choose what has this title in the menu of code actions, on the first line that a section says."
  (with-current-buffer in-panel
    (shown)
    (goto-char (point-min))
    (re-search-forward (concat "^## " heading))
    (re-search-forward "^.*言葉.*$")
    (let* ((actions (append (eglot-code-actions (match-beginning 0) (match-end 0)) nil))
           (action (seq-find (lambda (it) (string-prefix-p title (plist-get it :title))) actions))
           (command (plist-get action :command)))
      (unless action (error "no %s in %S" title (mapcar (lambda (it) (plist-get it :title)) actions)))
      (eglot-execute-command (eglot-current-server) (intern (plist-get command :command))
                             (plist-get command :arguments))
      t)))

(let ((process-environment (append (list (concat "OPENAI_BASE_URL=" (start-paced-model)) "OPENAI_API_KEY=none"
                                         "KAIZODO_PROVIDER=openai" "KAIZODO_MODEL=paced" "KAIZODO_FOCUS=off")
                                   process-environment)))
  (check "a third project" (open-memo "panel")))
(defvar memo (current-buffer))
(setq pace 'drip eglot-confirm-server-initiated-edits nil)
(select-first-paragraph)
(seconds-to-ask)
(check "the newest panel opens while it grows"
  (wait-for 20 (= 4 (seq-count (lambda (line) (string-prefix-p "言葉" line))
                               (split-string (or (ignore-errors (text-of (latest))) "") "\n"))))
  (save-window-excursion (call-interactively #'kaizodo-panel) (setq in-panel (current-buffer)))
  (with-current-buffer in-panel (and buffer-read-only (eglot-current-server))))
(check "one section is stopped and the others go on"
  (act "深さ" "この節を止める")
  (and (wait-for 20 (string-search "停止" (section "深さ")))
       (let ((before (times "言葉" (section "広さ"))))
         (wait-for 20 (< before (times "言葉" (section "広さ")))))))
(setq pace 'quick)
(check "it is retried while they go on"
  (act "深さ" "この節をやり直す")
  (and (wait-for 20 (string-prefix-p "\n\n言葉 終わり\n\n" (section "深さ")))
       (let ((before (times "言葉" (section "時間"))))
         (wait-for 20 (< before (times "言葉" (section "時間")))))))
(check "the others are stopped one by one"
  (mapc (lambda (heading) (act heading "この節を止める")) '("広さ" "構造" "時間"))
  (wait-for 20 (seq-every-p (lambda (heading) (string-search "停止" (section heading))) '("広さ" "構造" "時間"))))
(check "a section is asked about, and the answer stands below it"
  (act "深さ" "続けて質問: 具体例を")
  (wait-for 20 (string-match-p "## 深さ\n\n言葉 終わり\n\n[^\n]*\n\n## 具体例を[^\n]*\n\n言葉 終わり\n" (shown))))
(check "its answer goes into the text, below the lines that it is about"
  (act "深さ" "この答えを元の文章の下に挿入")
  (with-current-buffer memo
    (wait-for 20 (string-match-p "\n\n言葉 終わり\n\n" (buffer-string)))))
(check "a line of it is looked at more closely, in a panel of its own that leads back"
  (act "深さ" "解像度: 深さ · 広さ · 構造 · 時間")
  (wait-for 20 (and (string-prefix-p "\n\n言葉 終わり\n\n" (section "深さ"))
                    (string-search "言葉 終わり" (car (split-string (shown) "^## ")))
                    (string-search "memo.txt" (car (split-string (shown) "^## "))))))
(tell "done")
(kill-emacs 0)
