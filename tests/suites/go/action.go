// What the suite plays: a mode for each of the things that it asks.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"os"
	"time"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

type action struct{}

func init() { flowhost.Export(action{}) }

func main() {}

func (action) OnExecute(event flowhost.Event, api flowhost.API) error {
	switch mode := event.TextAt("/configuration/mode").Or(""); mode {
	case "randomness":
		drawn := make([]byte, 16)
		rand.Read(drawn)
		api.Log(flowhost.Info, hex.EncodeToString(drawn))
		api.Log(flowhost.Info, fmt.Sprint(mathrand.Uint64()))
	case "reach":
		_, opened := os.Open("/etc/passwd")
		written := os.WriteFile("here.txt", nil, 0o600)
		_, dialled := net.Dial("tcp", "127.0.0.1:1")
		for _, err := range []error{opened, written, dialled} {
			api.Log(flowhost.Info, fmt.Sprint(err != nil))
		}
	case "output":
		fmt.Println("printed ü")
		fmt.Fprintln(os.Stderr, "complained")
	case "garbage":
		garbage(event, api)
	case "sleep":
		before := time.Now()
		time.Sleep(20 * time.Millisecond)
		slept := time.Since(before)
		api.Log(flowhost.Info, fmt.Sprint(slept >= 20*time.Millisecond && slept < 5*time.Second))
	case "away":
		return api.SendUserTo("https://verify.example.com/")
	case "wrong":
		return errors.New("gone")
	case "refused":
		return fmt.Errorf("sending: %w", api.SendUserTo("no url"))
	case "bytes":
		return bytes(api)
	case "bytes in an error":
		return errors.New("bad \xff text")
	case "panic":
		var names map[string]int
		names["a"] = 1
	case "hoard":
		var held [][]byte
		for {
			held = append(held, make([]byte, 1<<20))
		}
	default:
		return flowhost.Fail("UnknownMode", mode)
	}
	return nil
}

// bytes hands over what is no text, wherever text is wanted.
func bytes(api flowhost.API) error {
	bad := "bad \xff text"
	api.Log(flowhost.Info, bad)
	api.Cache().Set(bad, bad)
	value, _ := api.Cache().Get(bad)
	api.Log(flowhost.Info, value.Value)
	_, err := api.ValidateTokenIn(flowhost.SecretNamed(bad), bad)
	api.Log(flowhost.Info, flowhost.FailureOf(err).Name)
	_, err = api.EncodeToken(flowhost.SecretValue(bad), map[string]string{})
	api.Log(flowhost.Info, fmt.Sprint(err))
	return errors.Join(
		api.SetResultURL("https://app.example.com/", flowhost.Param(bad, bad)),
		api.Deny(bad),
	)
}

// garbage makes the collector run many times, with answers of the host in use.
func garbage(event flowhost.Event, api flowhost.API) {
	first := event.JSON()
	length := 0
	for i := range 400 {
		text := event.JSON()
		if text != first {
			panic("an answer has changed")
		}
		length += len(fmt.Sprint(i, text))
	}
	api.Log(flowhost.Info, fmt.Sprint(length > 400*len(first)))
}
