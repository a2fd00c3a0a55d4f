package main

import (
	"net/http"
	"strings"
	"time"
)

// zoneTime answers GET /time?zone=Europe/Berlin. The rules of a zone are not
// part of the program: Go reads them from the machine, where there are any.
func zoneTime(now func() time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("zone")
		if name == "" || name == "Local" || strings.ContainsAny(name, `\ `) {
			reply(w, http.StatusBadRequest, failure{
				Error: "no usable zone given", Hint: "try /time?zone=Europe/Berlin"})
			return
		}
		zone, err := time.LoadLocation(name)
		if err != nil {
			// Go has the same words for a typing error and for a missing
			// database. The first is the caller's fault, the second ours.
			if hasZones() {
				reply(w, http.StatusNotFound, failure{Error: err.Error()})
				return
			}
			reply(w, http.StatusServiceUnavailable, failure{
				Error: err.Error(), Hint: "this room has no time zone database"})
			return
		}
		at := now().In(zone)
		abbreviation, offset := at.Zone()
		reply(w, http.StatusOK, map[string]any{
			"zone": name, "time": at.Format(time.RFC3339),
			"abbreviation": abbreviation, "offset_seconds": offset,
		})
	}
}

// hasZones reports whether a zone that every database has can be loaded.
// (Not "UTC": Go knows that one by heart.)
func hasZones() bool {
	_, err := time.LoadLocation("Etc/UTC")
	return err == nil
}
