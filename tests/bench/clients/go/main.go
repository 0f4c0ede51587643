// Go's x/oauth2 on the jobs of the Rust clients beside it. It reads one job a line:
//
//	fresh GOROUTINES CALLS URL     nanoseconds for a token that is usable
//	expiry CALLERS URL             milliseconds until all who ask for an expired one have a token
//	refresh CALLS URL              microseconds for one refresh after the other
//	sessions COUNT URL             bytes of live heap for each token source, token texts apart
//
// and answers each with a line that holds the figure alone.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

func config(url string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     "myApplication",
		ClientSecret: "myApplicationSecret",
		Endpoint:     oauth2.Endpoint{TokenURL: url, AuthStyle: oauth2.AuthStyleInParams},
	}
}

// source brings tokens, and has one that is over.
func source(config *oauth2.Config) oauth2.TokenSource {
	over := &oauth2.Token{
		AccessToken:  "access-00000000000000000000",
		RefreshToken: "refresh-00000000000000000000",
		Expiry:       time.Now().Add(-time.Hour),
	}
	return config.TokenSource(context.Background(), over)
}

func must(token *oauth2.Token, err error) *oauth2.Token {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return token
}

// together runs the work that often at once, and brings the nanoseconds until all of it is done.
func together(count int, work func()) float64 {
	var done sync.WaitGroup
	done.Add(count)
	begin := time.Now()
	for i := 0; i < count; i++ {
		go func() {
			work()
			done.Done()
		}()
	}
	done.Wait()
	return float64(time.Since(begin))
}

func fresh(goroutines, calls int, url string) float64 {
	source := source(config(url))
	must(source.Token())
	span := together(goroutines, func() {
		for i := 0; i < calls; i++ {
			must(source.Token())
		}
	})
	return span / float64(calls)
}

func expiry(callers int, url string) float64 {
	source := source(config(url))
	return together(callers, func() { must(source.Token()) }) / 1e6
}

func refresh(calls int, url string) float64 {
	config := config(url)
	begin := time.Now()
	for i := 0; i < calls; i++ {
		must(source(config).Token())
	}
	return float64(time.Since(begin)) / float64(calls) / 1e3
}

func live() float64 {
	runtime.GC()
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return float64(now.HeapAlloc)
}

func sessions(count int, url string) float64 {
	config := config(url)
	must(source(config).Token())
	sources := make([]oauth2.TokenSource, 0, count)
	texts := 0
	before := live()
	for i := 0; i < count; i++ {
		source := source(config)
		texts += len(must(source.Token()).AccessToken)
		sources = append(sources, source)
	}
	after := live()
	runtime.KeepAlive(sources)
	return (after - before - float64(texts)) / float64(count)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var job, url string
		var one, two int
		var figure float64
		fmt.Sscan(lines.Text(), &job)
		switch job {
		case "fresh":
			fmt.Sscan(lines.Text(), &job, &one, &two, &url)
			figure = fresh(one, two, url)
		case "expiry":
			fmt.Sscan(lines.Text(), &job, &one, &url)
			figure = expiry(one, url)
		case "refresh":
			fmt.Sscan(lines.Text(), &job, &one, &url)
			figure = refresh(one, url)
		case "sessions":
			fmt.Sscan(lines.Text(), &job, &one, &url)
			figure = sessions(one, url)
		default:
			fmt.Fprintln(os.Stderr, "no such job:", job)
			os.Exit(2)
		}
		fmt.Println(figure)
	}
}
