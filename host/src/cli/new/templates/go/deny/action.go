// Refuses resets from elsewhere than the flow file allows.
package main

import (
	"encoding/json"
	"slices"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

type denyElsewhere struct{}

type configuration struct {
	// ISO 3166-1 alpha-2.
	AllowedCountries []string `json:"allowed_countries"`
}

func (denyElsewhere) OnExecute(event flowhost.Event, api flowhost.API) error {
	var configuration configuration
	if err := json.Unmarshal([]byte(event.Configuration()), &configuration); err != nil {
		return err
	}
	// An address that nobody can place is in none of them.
	country, ok := event.Request().Geoip.CountryCode.Get()
	if !ok || !slices.Contains(configuration.AllowedCountries, country) {
		return api.Deny("A password cannot be reset from where you are.")
	}
	return nil
}

func init() { flowhost.Export(denyElsewhere{}) }

func main() {}
