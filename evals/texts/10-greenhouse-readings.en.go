// Package ingest loads the nightly soil files, one line per probe:
// "H07;2025-06-03T02:10;31.5", or "n/a" for the number when a probe is unplugged
//
// Every few nights a greenhouse shows values that belong to another one, or
// an ID like "H0H1". Never on my laptop with the small file. The growers now
// distrust the whole dashboard. Probably the loggers send broken lines, I was
// going to filter out IDs that don't look right.
package ingest

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"sync"
)

type Store interface{ Save(house, at string, pct float64) }

func Load(r io.Reader, st Store) {
	lines := make(chan []byte, 64)
	var wg sync.WaitGroup
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for b := range lines {
				f := bytes.Split(b, []byte(";"))
				if len(f) != 3 { continue }
				pct, _ := strconv.ParseFloat(string(f[2]), 64)
				st.Save(string(f[0]), string(f[1]), pct)
			}
		}()
	}
	sc := bufio.NewScanner(r)
	for sc.Scan() { lines <- sc.Bytes() }
	close(lines)
	wg.Wait()
}
