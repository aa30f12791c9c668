package main

import "context"

// Allocations returns what calls of Chitor and of chi allocate, by selection.
func Allocations(file string) (ofChitor, ofChi map[string]int64, err error) {
	all, err := readEndpoints(file)
	if err != nil {
		return nil, nil, err
	}
	application, err := start(declare(all))
	if err != nil {
		return nil, nil, err
	}
	ofChitor, ofChi = map[string]int64{}, map[string]int64{}
	for _, selected := range selections(all) {
		ours, err := calling(application, selected.endpoints)
		if err != nil {
			return nil, nil, err
		}
		bare, err := calling(bareChi(all), selected.endpoints)
		if err != nil {
			return nil, nil, err
		}
		ofChitor[selected.name] = perCall(ours, len(selected.endpoints))
		ofChi[selected.name] = perCall(bare, len(selected.endpoints))
	}
	return ofChitor, ofChi, application.Stop(context.Background())
}

// Choices returns what choosing a route alone allocates in Chitor, by selection.
func Choices(file string) (map[string]int64, error) {
	all, err := readEndpoints(file)
	if err != nil {
		return nil, err
	}
	end := &target{}
	held, err := hold(end.routes(all))
	if err != nil {
		return nil, err
	}
	defer held.release()
	found := map[string]int64{}
	for _, selected := range selections(all) {
		route, err := held.to(end, selected.endpoints)
		if err != nil {
			return nil, err
		}
		found[selected.name] = perCall(route, len(selected.endpoints))
	}
	return found, nil
}
