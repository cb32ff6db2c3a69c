package main

import (
	"testing"

	"github.com/flowhost/flowhost/guest-sdk/go/flowhosttest"
)

func TestOnlyWhoIsInAnAllowedCountryMayGoOn(t *testing.T) {
	denied := map[string]bool{`{"countryCode": "LI"}`: false, `{"countryCode": "US"}`: true, `{}`: true}
	for geoip, expected := range denied {
		run := flowhosttest.Run{
			Event:         `{"request": {"geoip": ` + geoip + `}}`,
			Configuration: `{"allowed_countries": ["CH", "LI"]}`,
		}
		report := run.Execute(denyElsewhere{})
		if report.Err != nil || (len(report.Commands) == 1) != expected {
			t.Error(geoip, report.Said(), report.Err)
		}
	}
}
