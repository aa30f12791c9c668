package hocon

import "slices"

// merge resolves layers from the highest down, until one is no object. An
// object that was written there is not resolved before it is known which of its
// fields are hidden.
func (r *resolver) merge(n *merge) (node, error) {
	layers, err := r.visible(n)
	if err != nil {
		return nil, err
	}
	var objects []*object // highest first
	for _, layer := range slices.Backward(layers) {
		written, ok := layer.(*object)
		if !ok {
			value, err := r.value(layer)
			if err != nil {
				return nil, err
			}
			if value == nil {
				continue
			}
			if written, ok = value.(*object); !ok {
				if len(objects) == 0 {
					return value, nil
				}
				return r.mergeObjects(objects, true)
			}
		}
		objects = append(objects, written)
		if written.hides {
			break
		}
	}
	switch len(objects) {
	case 0:
		return nil, nil // undefined
	case 1:
		return r.value(objects[0])
	}
	return r.mergeObjects(objects, objects[len(objects)-1].hides)
}

// mergeObjects merges objects, highest first, and resolves what is not hidden.
func (r *resolver) mergeObjects(objects []*object, hides bool) (node, error) {
	merged := &object{site: objects[0].site, fields: map[string]node{}}
	layers := map[string][]node{}
	for _, object := range slices.Backward(objects) {
		if err := r.step(object.site, len(object.keys)); err != nil {
			return nil, err
		}
		for _, key := range object.keys {
			field := object.fields[key]
			below, ok := layers[key]
			switch {
			case !ok:
				merged.keys = append(merged.keys, key)
				layers[key] = slices.Clip(layersOf(field))
			case final(field):
				layers[key] = []node{field}
			default:
				layers[key] = append(below, layersOf(field)...)
			}
		}
	}
	for key, layers := range layers {
		merged.fields[key] = layers[0]
		if len(layers) > 1 {
			merged.fields[key] = &merge{layers: layers}
		}
	}
	value, err := r.object(merged)
	if err != nil {
		return nil, err
	}
	value.hides = hides
	return value, nil
}

// visible returns the layers below those that are busy.
func (r *resolver) visible(n *merge) ([]node, error) {
	if err := r.step(n.at(), 1+len(n.layers)/8); err != nil {
		return nil, err
	}
	for i, layer := range n.layers {
		if !busy(layer) {
			continue
		}
		r.hidden++
		return n.layers[:i], nil
	}
	return n.layers, nil
}

func busy(n node) bool {
	switch n := n.(type) {
	case *reference:
		return n.busy
	case *concat:
		return n.busy
	}
	return false
}
