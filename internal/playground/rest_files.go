package playground

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// upload is a file on its way in, before it is kept.
type upload struct {
	name string
	data []byte
}

// uploadFiles takes multipart (channel_id, client_ids, files) or a raw body with
// ?channel_id&filename.
func (s *Server) uploadFiles(w http.ResponseWriter, r *http.Request, a *account) {
	r.Body = http.MaxBytesReader(w, r.Body, maxFileBytes+64<<10)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var channel string
	var clientIDs []string
	var files []upload
	var err error
	if kind == "multipart/form-data" {
		channel, clientIDs, files, err = readMultipart(r)
	} else {
		channel = r.URL.Query().Get("channel_id")
		files, err = readRaw(r)
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		writeError(w, errFileTooLarge)
		return
	case err != nil || len(files) == 0:
		writeError(w, errFileRead)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.member || channel != s.channel.ID {
		writeError(w, errPermission)
		return
	}
	infos := []FileInfo{}
	for _, f := range files {
		if len(f.data) > maxFileBytes {
			writeError(w, errFileTooLarge)
			return
		}
		infos = append(infos, s.addFile(a, f.name, f.data))
	}
	writeJSON(w, http.StatusCreated, map[string]any{"file_infos": infos, "client_ids": clientIDs})
}

func readRaw(r *http.Request) ([]upload, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return []upload{{r.URL.Query().Get("filename"), data}}, nil
}

func readMultipart(r *http.Request) (channel string, clientIDs []string, files []upload, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return "", nil, nil, err
	}
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return channel, clientIDs, files, nil
		}
		if err != nil {
			return "", nil, nil, err
		}
		data, err := io.ReadAll(p)
		if err != nil {
			return "", nil, nil, err
		}
		switch p.FormName() {
		case "channel_id":
			channel = string(data)
		case "client_ids":
			clientIDs = append(clientIDs, string(data))
		case "files":
			files = append(files, upload{p.FileName(), data})
		}
	}
}

// withFile runs f on a file that is still kept.
func (s *Server) withFile(w http.ResponseWriter, r *http.Request, a *account, f func(*file)) {
	s.mu.Lock()
	file := s.store.files[r.PathValue("file")]
	allowed := a.member
	s.mu.Unlock()
	switch {
	case file == nil:
		writeError(w, errFileGone)
	case !allowed:
		writeError(w, errPermission)
	default:
		f(file)
	}
}

// downloadFile always says attachment: an uploaded page must never be shown as
// one of ours.
func (s *Server) downloadFile(w http.ResponseWriter, r *http.Request, a *account) {
	s.withFile(w, r, a, func(f *file) {
		h := w.Header()
		h.Set("Content-Type", f.info.MimeType)
		h.Set("Content-Length", strconv.Itoa(len(f.data)))
		h.Set("Last-Modified", time.UnixMilli(f.info.CreateAt).UTC().Format(http.TimeFormat))
		h.Set("Content-Disposition", `attachment;filename="`+url.PathEscape(f.info.Name)+`"; filename*=UTF-8''`+url.PathEscape(f.info.Name))
		_, _ = w.Write(f.data) // the peer is gone; there is nobody to tell
	})
}

func (s *Server) fileInfo(w http.ResponseWriter, r *http.Request, a *account) {
	s.withFile(w, r, a, func(f *file) {
		s.mu.Lock()
		info := f.info
		s.mu.Unlock()
		writeJSON(w, http.StatusOK, info)
	})
}
